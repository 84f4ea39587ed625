import { test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { spawnSync } from "node:child_process";
import { request as httpRequest } from "node:http";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { headerOf } from "../../src/runtime/deno_headers.ts";
import { untouched } from "../../src/runtime/deno_responses.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { certificate } from "../support/certificate.ts";
import { Http2Connection } from "../support/http2.ts";
import { describeRuntime, listening } from "./conformance.ts";

/** Sends a body in chunks, whose length nobody knows beforehand. */
function sendChunks(url: string, ...chunks: string[]): Promise<string> {
  return new Promise((resolve) => {
    const sent = httpRequest(url, { agent: false, method: "POST" }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
      response.on("error", () => resolve("cut off"));
    });
    sent.on("error", () => resolve("cut off"));
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });
}

/** Runs a script with few permissions; it may import Hurricane. Returns what it prints. */
function runAllowed(flags: readonly string[], script: string): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["run", "--no-prompt", "--allow-env", "--allow-read", ...flags, "-"],
    { input: script, encoding: "utf8", cwd: fileURLToPath(new URL("../..", import.meta.url)) },
  );
  return stdout + stderr;
}

describeRuntime("deno", (skip) => {
  test("calls the system only where it may, for Deno would ask on a terminal", { skip }, () => {
    const script = `
      import { runtime } from "${new URL("../../src/runtime/mod.ts", import.meta.url)}";
      console.log(runtime.systemCalls);`;
    assertEquals(runAllowed([], script).trim(), "false");
    assertEquals(runAllowed(["--allow-ffi"], script).trim(), "true");
  });

  test("reads the system's own clock where it may, and asks nobody else", { skip }, () => {
    // The one counts from the start of the machine, the other from that of the process.
    const script = `
      import { runtime } from "${new URL("../../src/runtime/mod.ts", import.meta.url)}";
      const now = runtime.clock();
      console.log(now() > performance.now() + 1000 ? "system" : "process", now() <= now());`;
    assertEquals(runAllowed(["--allow-ffi"], script), "system true\n");
    assertEquals(runAllowed([], script), "process true\n");
    assertEquals(runAllowed(["--allow-ffi", "--deny-ffi=libc.so.6"], script), "process true\n");
  });

  test("takes over onListen, which is told the address", { skip }, async () => {
    const ports: unknown[] = [];
    const fields = {
      name: "it",
      onListen(this: { name: string }, { port }: { port: number }): void {
        ports.push(this.name, port);
      },
    };
    assertEquals(Object.keys(runtime.knownFields({ ...fields, websocket: {} })), ["onListen"]);
    await using server = await listening(() => new Response("x"), { fields });
    assertEquals(ports, ["it", server.listener.port]);
  });

  test("has the C library keep what is freed", { skip }, () => {
    // In a process of its own, whose main thread has the heap of the process.
    const script = `
      import { cLibrary, keepFreed } from "${new URL(
      "../../src/runtime/deno_c_library.ts",
      import.meta.url,
    )}";
      const { malloc } = cLibrary();
      const place = (size) => Deno.UnsafePointer.value(malloc(size));
      // What glibc asks the kernel for alone is far away from what it takes from the heap.
      const isKept = () => place(1024n * 1024n) - place(16n) < 1024n ** 3n;
      keepFreed();
      console.log(isKept());`;
    assertEquals(runAllowed(["--allow-ffi"], script), "true\n");
  });

  test("reads a header without a trace, unless others have asked before", { skip }, async () => {
    await using server = await listening((request) => {
      const { headers } = request;
      const read = headerOf(request, "x-a");
      return Response.json([read, headers.get("x-a"), request.headers === headers]);
    });
    const sent = { headers: { "x-a": "one, two" } };
    const asked = await (await fetch(server.url, sent)).json();
    assertEquals(asked, ["one, two", "one, two", true]);
    await using looking = await listening((request) => {
      const read = [headerOf(request, "X-A"), headerOf(request, "x-none")];
      const ofCopy = headerOf(new Request(request), "x-a");
      const { headers } = request;
      return Response.json([...read, ofCopy, headers.get("x-a"), request.headers === headers]);
    });
    const looked = await (await fetch(looking.url, sent)).json();
    assertEquals(looked, ["one, two", null, "one, two", "one, two", true]);
  });

  test("knows an answer of a text as long as nobody has looked at it", { skip }, async () => {
    const read = new Response("text");
    await read.text();
    const cloned = new Response("text");
    const given: Record<string, unknown> = {
      text: new Response("text"),
      json: Response.json({}),
      "with a status": new Response("text", { status: 201 }),
      "with headers": new Response("text", { headers: { "content-length": "4" } }),
      "without a body": new Response(null),
      "with an error": Response.error(),
      read,
      cloned,
      "its clone": cloned.clone(),
      nothing: undefined,
      null: null,
      string: "text",
      object: {},
    };
    assertEquals(Object.keys(given).filter((name) => untouched(given[name])), ["text", "json"]);
    const named = new Response("text");
    named.headers.set("content-length", "4");
    assertFalse(untouched(named));
  });

  test("knows an answer no more once it has been sent", { skip }, async () => {
    const answer = new Response("text");
    await using server = await listening(() => answer);
    assert(untouched(answer));
    assertEquals(await (await fetch(server.url)).text(), "text");
    assertFalse(untouched(answer));
    assert(answer.bodyUsed);
  });

  test("leaves the headers that a handler holds over HTTP/2", { skip }, async () => {
    const held = Promise.withResolvers<Headers>();
    await using server = await listening(({ headers }) => {
      held.resolve(headers);
      return new Response("answered");
    });
    using connection = new Http2Connection(server.url);
    assertEquals((await connection.get("/", { "x-a": "one" })).text, "answered");
    assertEquals((await held.promise).get("x-a"), "one");
  });

  test("breaks off a body without a length that turns out too large", { skip }, async () => {
    const errors: string[] = [];
    await using server = await listening(async (request) => {
      try {
        return new Response(await request.text());
      } catch (error) {
        errors.push(String(error));
        return new Response("too large", { status: 413 });
      }
    }, { maxBodySize: 10 });
    assertEquals(await sendChunks(server.url, "12345", "67890"), "200 1234567890");
    assertEquals(errors, []);
    await sendChunks(server.url, "12345", "67890", "1");
    assertEquals(errors, [
      "BodyTooLarge: the request body is longer than 10 bytes (--max-body-size)",
    ]);
  });

  const { cert, key } = certificate();

  test("speaks HTTP/2, in which a connection is not closed by a header", { skip }, async () => {
    const handler = ({ headers }: Request): Response =>
      new Response(String(headers.has("host")), { headers: { connection: "close", "x-a": "b" } });
    await using server = await listening(handler, { tls: { cert, key } });
    using client = new Http2Connection(server.url, cert);
    for (let times = 0; times < 2; times++) {
      const { headers, text } = await client.get("/");
      assertEquals([headers["x-a"], headers.connection, text], ["b", undefined, "false"]);
    }
  });

  test("answers what is in flight over HTTP/2 before it says that it goes", { skip }, async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Response>();
    await using server = await listening(({ url }) => {
      if (!url.endsWith("/held")) return new Response("x");
      asked.resolve();
      return gate.promise;
    }, { tls: { cert, key } });
    using client = new Http2Connection(server.url, cert);
    const held = client.get("/held");
    await asked.promise;
    const stopped = server.listener.stop();
    // It goes on meanwhile: the client cannot be told to go elsewhere.
    assertEquals((await client.get("/")).text, "x");
    gate.resolve(new Response("late"));
    assertEquals((await held).text, "late");
    await Promise.all([client.left, stopped]);
  });

  test("says that it goes although something is always in flight", { skip }, async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Response>();
    const handler = () => (asked.resolve(), gate.promise);
    await using server = await listening(handler, { tls: { cert, key } });
    using client = new Http2Connection(server.url, cert);
    const cut = client.get("/").catch(() => {});
    await asked.promise;
    const stopped = server.listener.stop(20);
    await client.left;
    gate.resolve(new Response("x"));
    await Promise.all([cut, stopped]);
  });

  test("does not tell how many requests it waits for", { skip }, async () => {
    await using server = await listening(() => new Response("x"));
    assertEquals(server.listener.pending(), undefined);
  });
});
