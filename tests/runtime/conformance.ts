/**
 * What the rest of Hurricane expects of a runtime, whichever it is.
 *
 * @module
 */
import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { renameSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { runtime } from "../../src/runtime/mod.ts";
import { program } from "../../src/runtime/program.ts";
import {
  BodyTooLarge,
  type FetchHandler,
  type HandlerListenOptions,
} from "../../src/runtime/runtime.ts";
import { expired, within } from "../../src/within.ts";
import { certificate } from "../support/certificate.ts";
import { Connection, request, type RequestOptions } from "../support/http.ts";
import { TempDir } from "../support/temp_dir.ts";
import { Feed } from "../support/wait.ts";

/** A handler's server on a free port, stopped when it is disposed of. */
export async function listening(
  fetch: FetchHandler,
  options: Partial<HandlerListenOptions> = {},
) {
  const listener = await runtime.listenHandler(fetch, {
    hostname: "127.0.0.1",
    port: 0,
    reusePort: false,
    fields: {},
    bodiesInFlight: () => 0,
    wrap: (handler) => handler,
    lost: () => {},
    draining: { now: false },
    onError: (error) =>
      new Response("failed", { status: error instanceof BodyTooLarge ? 413 : 500 }),
    ...options,
  });
  const url = `${listener.scheme}://127.0.0.1:${listener.port}`;
  return {
    listener,
    url,
    get: (path = "/", options?: RequestOptions) => request(url + path, options),
    [Symbol.asyncDispose]: async () => {
      listener.abort();
      await listener.stop();
    },
  };
}

const address = { hostname: "127.0.0.1", port: 0, reusePort: false };

/** Describes `runtime`, if it is the named one; says what is left out otherwise. */
export function describeRuntime(name: typeof runtime.name, define: (skip: boolean) => void): void {
  const skip = runtime.name !== name;
  if (skip) console.info(`skipped: the adapter for ${name}: this is ${runtime.name}`);
  describe(name, { skip }, () => {
    conformance(name, skip);
    define(skip);
  });
}

function conformance(name: string, skip: boolean): void {
  test("says what it is", { skip }, () => {
    assertEquals([runtime.name, runtime.compiled], [name, false]);
    assertMatch(runtime.version, /^\d+\.\d+\.\d+/);
    assertMatch(runtime.target, /^(linux|darwin|win32|windows)-(x64|arm64)(-musl)?$/);
  });

  test("has a clock that measures as the one of the language does", { skip }, async () => {
    const now = runtime.clock();
    const before = performance.now();
    const started = now();
    const after = performance.now();
    // Past the end of a second, wherever in one this begins.
    await new Promise((resolve) => setTimeout(resolve, 1001));
    const last = performance.now();
    const ended = now();
    const end = performance.now();
    // What lies within takes no longer than what is around it, but for the rounding of both.
    assertGreaterOrEqual(ended - started, last - after - 0.01);
    assertLessOrEqual(ended - started, end - before + 0.01);
  });

  test("reads a table to its end, and rejects where there is none", { skip }, async () => {
    using dir = new TempDir();
    const rows = Array.from({ length: 2000 }, (_, row) => `${row}: 0100007F:1F90\n`).join("");
    dir.file("tcp", rows);
    assertEquals(await runtime.readTable(`${dir.path}/tcp`), rows);
    await assertRejects(() => runtime.readTable(`${dir.path}/tcp6`));
  });

  test("tells what happens in a directory", { skip }, async () => {
    using dir = new TempDir();
    const paths = new Feed<string>();
    const watched = runtime.watchDirectory(dir.path, {
      changed: (path) => paths.push(path),
      failed: (error) => paths.push(String(error)),
    });
    const told = (path: string) => paths.until(path, (other) => other === path);
    const file = dir.file("file", "");
    await told(file);
    paths.items.length = 0;
    renameSync(file, `${file}2`);
    await told(file);
    await told(`${file}2`);
    paths.items.length = 0;
    renameSync(dir.path, `${dir.path}2`);
    await told(dir.path);
    renameSync(`${dir.path}2`, dir.path);
    watched.close();
  });

  test("refuses to watch a directory that does not exist", { skip }, () => {
    const listener = { changed() {}, failed() {} };
    assertThrows(() => runtime.watchDirectory("/no/such/directory", listener));
  });

  test("tells packages from source", { skip }, () => {
    assert(runtime.isPackage("/srv/node_modules/hono/dist/index.js"));
    assertFalse(runtime.isPackage("/srv/app/handler.ts"));
  });

  test("listens on a port that it picks, until it is stopped", { skip }, async () => {
    const listener = await runtime.listen(() => new Response("x"), address);
    assertEquals(listener.hostname, "127.0.0.1");
    const url = `http://127.0.0.1:${listener.port}/`;
    assertEquals((await request(url)).text, "x");
    await listener.stop();
    await assertRejects(() => request(url));
  });

  test("rejects where the port is taken", { skip }, async () => {
    const listener = await runtime.listen(() => new Response("x"), address);
    const { port } = listener;
    const again = async () => await runtime.listen(() => new Response("y"), { ...address, port });
    const error = await assertRejects(again, Error);
    assertEquals((error as NodeJS.ErrnoException).code, "EADDRINUSE");
    await listener.stop();
  });

  test("tells whether a port is free, and leaves it free", { skip }, async () => {
    const listener = await runtime.listen(() => new Response("x"), { ...address, reusePort: true });
    const taken = { hostname: "127.0.0.1", port: listener.port };
    const error = assertThrows(() => runtime.requireFree(taken), Error);
    assertEquals((error as NodeJS.ErrnoException).code, "EADDRINUSE");
    await listener.stop();
    runtime.requireFree(taken);
    const again = await runtime.listen(() => new Response("y"), { ...taken, reusePort: false });
    assertEquals((await request(`http://127.0.0.1:${again.port}/`)).text, "y");
    await again.stop();
  });

  test("shares a port where that is asked for", { skip }, async () => {
    const shared = { ...address, reusePort: true };
    const first = await runtime.listen(() => new Response("x"), shared);
    const second = await runtime.listen(() => new Response("y"), { ...shared, port: first.port });
    assertEquals(second.port, first.port);
    await Promise.all([first.stop(), second.stop()]);
  });

  test("sends what is in flight to its end before it has stopped", { skip }, async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Response>();
    const events: string[] = [];
    await using server = await listening((request) => {
      if (!request.url.endsWith("/held")) return new Response("x");
      asked.resolve();
      return gate.promise;
    });
    const idle = await Connection.open(server.url);
    assertEquals((await idle.get("/")).text, "x");
    const answered = server.get("/held").then(({ text }) => events.push(text));
    await asked.promise;
    const stopped = server.listener.stop().then(() => events.push("stopped"));
    gate.resolve(new Response("late"));
    await Promise.all([answered, stopped]);
    assertEquals(events.toSorted(), ["late", "stopped"]);
    await idle.closed;
  });

  const authority = certificate({ name: "authority", authority: true });
  const between = certificate({ name: "between", authority: true, issuer: authority });
  const server = certificate({ issuer: between });
  const tls = { cert: server.cert + between.cert, key: server.key };
  const ca = authority.cert;

  test("listens over TLS, with the whole chain", { skip }, async () => {
    await using listener = await listening(({ url }) => new Response(url), { tls });
    assertEquals(listener.listener.scheme, "https");
    assertEquals((await listener.get("/a", { ca })).text, `${listener.url}/a`);
    await assertRejects(() => listener.get("/", { ca: certificate().cert }));
    await assertRejects(() => request(`http://127.0.0.1:${listener.listener.port}/`));
  });

  test("over TLS, sends what is in flight to its end before it has stopped", { skip }, async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Response>();
    await using server = await listening((request) => {
      if (!request.url.endsWith("/held")) return new Response("x");
      asked.resolve();
      return gate.promise;
    }, { tls });
    const idle = await Connection.open(server.url, ca);
    assertEquals((await idle.get("/")).text, "x");
    // As browsers and proxies open them in advance.
    const unused = await Connection.open(server.url, ca);
    const answer = server.get("/held", { ca });
    await asked.promise;
    const stopped = server.listener.stop();
    await idle.closed;
    gate.resolve(new Response("late"));
    assertEquals((await answer).text, "late");
    // Bun by itself closes unused connections after twelve seconds.
    assert(await within(8000, stopped) !== expired);
    await unused.closed;
  });

  test("gives the handler what tells the client's address", { skip }, async () => {
    const addresses: (string | undefined)[] = [];
    await using server = await listening((request, info) => {
      addresses.push(runtime.remoteAddress(request, info));
      return new Response("x");
    });
    await server.get();
    assertEquals(addresses, ["127.0.0.1"]);
  });

  test("refuses a body that is too large, and takes one that is not", { skip }, async () => {
    const read = async (request: Request) => new Response(String((await request.text()).length));
    await using server = await listening(read, { maxBodySize: 10 });
    const sizes = [0, 10, 11, 10_000].map((size) => ({ method: "POST", body: "x".repeat(size) }));
    const answers = await Promise.all(sizes.map((options) => server.get("/", options)));
    assertEquals(answers.map(({ status }) => status), [200, 200, 413, 413]);
    assertEquals(answers.slice(0, 2).map(({ text }) => text), ["0", "10"]);
  });

  test("sends a part of a file by itself, with its length, if it can", { skip }, async () => {
    using dir = new TempDir();
    const file = dir.file("digits", "0123456789");
    const body = runtime.fileBody(file, 2, 5);
    assertEquals(body === undefined, name === "deno");
    if (body === undefined) return;
    await using server = await listening(() => new Response(body, { status: 206 }));
    const { text, headers } = await server.get();
    assertEquals([text, headers["content-length"]], ["234", "3"]);
  });

  test("passes on only what it knows of a default export's fields", { skip }, () => {
    // As Elysia has it.
    class App {
      fetch = (): Response => new Response();
      error(_name: string, _error: unknown): void {}
      get routes(): object[] {
        return [];
      }
    }
    assertEquals(runtime.knownFields({}), {});
    assertEquals(runtime.knownFields({ ...new App(), port: 1, hostname: "x", other: 1 }), {});
    assertEquals(runtime.knownFields(new App() as unknown as Record<string, unknown>), {});
  });

  test("takes the same fields from a class as from an object", { skip }, () => {
    class Served {
      error(_error: unknown): Response {
        return new Response();
      }
      onListen(): void {}
      get routes(): object {
        return {};
      }
      get websocket(): object {
        return {};
      }
    }
    class App extends Served {
      fetch(): Response {
        return new Response();
      }
    }
    const app = new App() as unknown as Record<string, unknown>;
    const expected = name === "bun" ? ["error", "routes", "websocket"] : ["onListen"];
    assertEquals(Object.keys(runtime.knownFields(app)).sort(), expected);
  });

  test("prints an error with its stack and causes, without colours", { skip }, () => {
    const text = runtime.inspect(new Error("outer", { cause: new RangeError("inner") }));
    assertMatch(text, /outer[^]*conformance\.ts[^]*inner/);
    assertFalse(text.includes("\x1b"), JSON.stringify(text));
    assertStringIncludes(runtime.inspect("a text"), "a text");
  });

  test("runs a script, with its arguments", { skip }, () => {
    using dir = new TempDir();
    const script = dir.file(
      "a script.ts",
      "import process from 'node:process';\nimport { readFileSync } from 'node:fs';\n" +
        "const args: string[] = process.argv.slice(2);\n" +
        "readFileSync(process.argv[1] ?? '');\nconsole.log(args.join('|'));",
    );
    const { file, args, env } = runtime.script(script);
    const run = spawnSync(file, [...args, "a b", "--c"], {
      cwd: dir.path,
      env: { ...process.env, ...env },
      encoding: "utf8",
    });
    assertEquals([run.status, run.stdout], [0, "a b|--c\n"]);
  });

  test("starts a process in a group of its own, with a way to it", { skip }, async () => {
    const script = 'read line <&3; echo "$line, $GREETED, $(ps -o pgid= -p $$)" >&3; exit 3';
    const started = program.start(
      { file: "/bin/sh", args: ["-c", script], env: {} },
      { PATH: process.env["PATH"], GREETED: "world" },
    );
    const { pid, way } = started;
    assert(pid !== undefined && way !== undefined);
    way.write("hello\n");
    const [answer] = await once(way, "data") as [Uint8Array];
    assertMatch(String(answer), new RegExp(`^hello, world, +${pid}\\n$`));
    assertEquals(await started.ended, { code: 3, signal: null });
    way.destroy();
  });

  test(
    "tells which signal has ended a process, and why one could not be started",
    { skip },
    async () => {
      const { pid, way, ended } = program.start(
        { file: "/bin/sh", args: ["-c", "read line <&3"], env: {} },
        {},
      );
      assert(pid !== undefined);
      process.kill(pid, "SIGKILL");
      assertEquals(await ended, { code: null, signal: "SIGKILL" });
      way?.destroy();
      const none = program.start({ file: "/no/such/program", args: [], env: {} }, {});
      assertEquals(none.pid, undefined);
      const end = await none.ended;
      assert("error" in end);
      assertMatch(end.error.message, /ENOENT|no such file/i);
    },
  );

  test("starts this program once more from the same executable", { skip }, () => {
    const { file, args } = program.self();
    assertEquals(file, process.execPath);
    assert(args.length > 0);
  });
}
