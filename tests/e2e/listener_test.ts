/**
 * The listener of the handler: it stays, or what becomes of it is told and mended.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Connection } from "../support/http.ts";
import { obliging } from "../support/handlers.ts";
import { Http2Connection } from "../support/http2.ts";
import { form, runtime, serve } from "../support/hurricane.ts";
import { eventually, pause } from "../support/wait.ts";

/** How a WebSocket ends. */
function ended(url: string): Promise<number> {
  const socket = new WebSocket(url.replace("http", "ws"));
  return new Promise((resolve) => socket.onclose = ({ code }) => resolve(code));
}

/** Opens a WebSocket and closes it again. */
function opened(url: string): Promise<void> {
  const socket = new WebSocket(url.replace("http", "ws"));
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket.close());
    socket.onerror = () => reject(new Error("the WebSocket failed"));
  });
}

const sockets = runtime === "bun"
  ? `export default {
      fetch: (request, server) => server.upgrade(request) ? undefined : new Response("plain"),
      websocket: { message() {} },
    };`
  : `export default {
      fetch: (request) => request.headers.has("upgrade")
        ? Deno.upgradeWebSocket(request).response
        : new Response("plain"),
    };`;

/** What a handler does wrong after an upgrade, by path, and something else in flight. */
const mistaken = `
export default {
  async fetch(request, info) {
    const { pathname } = new URL(request.url);
    if (pathname === "/held") {
      console.log("holding");
      await new Promise((resolve) => globalThis.release = resolve);
      return new Response("held");
    }
    if (pathname === "/release") globalThis.release();
    if (!request.headers.has("upgrade")) return new Response("plain");
    Deno.upgradeWebSocket(request);
    if (pathname === "/throws") throw new Error("after the upgrade");
    if (pathname === "/address") return new Response(info.remoteAddr.hostname);
    if (pathname === "/nothing") return;
    return new Response("other");
  },
};`;

const greeting = `export default { fetch: () => new Response("hello") };`;

/** Now and then it takes the event loop for itself. */
const busyGreeting = `
let requests = 0;
export default {
  fetch() {
    if (++requests % 6 === 0) for (const end = Date.now() + 30; Date.now() < end;);
    return new Response("hello");
  },
};`;

describe(`listener (${form})`, () => {
  test("a WebSocket is logged with its client, and the listener stays", async () => {
    await using hurricane = await serve(sockets, { name: "handler.js", args: ["--access-log"] });
    await opened(hurricane.url());
    const line = await hurricane.logged(/^GET \/ 101$/);
    assertEquals(line["client"], "127.0.0.1");
    assertEquals((await hurricane.get()).text, "plain");
    assertEquals(await hurricane.stop(), 0);
  });

  test("a wrong answer to an upgraded request costs its WebSocket alone", {
    skip: runtime !== "deno" && "Bun takes any answer",
  }, async () => {
    await using hurricane = await serve(mistaken, { name: "handler.js" });
    const held = hurricane.get("/held");
    await hurricane.printed("holding");
    for (const path of ["/throws", "/address", "/nothing", "/other"]) {
      assertEquals(await ended(hurricane.url(path)), 1011);
      const line = await hurricane.logged(new RegExp(`^GET ${path}: its WebSocket is closed`));
      assertEquals(line.level, "error");
      assertEquals((await hurricane.get()).text, "plain");
    }
    await hurricane.get("/release");
    assertEquals((await held).text, "held");
    const { text } = await hurricane.probe("/metrics");
    assertMatch(text, /^http_server_request_duration_seconds_count\{[^}]*="101"[^}]*\} 4$/m);
    assertEquals(await hurricane.stop(), 0);
  });

  test("a client that leaves before its upgrade is 499, and the listener stays", {
    skip: runtime !== "deno" && "Bun takes any answer",
  }, async () => {
    const source = `export default {
      async fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === "/") return new Response("plain");
        const left = new Promise((resolve) => request.signal.addEventListener("abort", resolve));
        console.log("holding " + pathname);
        await left;
        await new Promise((resolve) => setTimeout(resolve, 100));
        const { response } = Deno.upgradeWebSocket(request);
        console.log("upgraded " + pathname);
        if (pathname === "/right") return response;
        if (pathname === "/throws") throw new Error("after the upgrade");
        return new Response("other");
      },
    };`;
    await using hurricane = await serve(source, { name: "handler.js", args: ["--access-log"] });
    for (const path of ["/right", "/throws", "/other"]) {
      const connection = await Connection.open(hurricane.url());
      connection.send(path, {
        connection: "upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      });
      await hurricane.printed(`holding ${path}`);
      connection.close();
      const line = await hurricane.logged(new RegExp(`^GET ${path} 499$`));
      assertEquals(line["client"], "127.0.0.1");
      await hurricane.printed(`upgraded ${path}`);
      assertEquals((await hurricane.get()).text, "plain");
    }
    const { items } = hurricane.log;
    assertFalse(items.some(({ message }) => message.includes("listener was closed")));
  });

  test("one that the runtime closes is open again, which is told", {
    skip: runtime !== "deno" && "Bun closes none",
  }, async () => {
    // Whoever takes the function before Hurricane puts its own in place is not helped by that.
    const source = `const { upgradeWebSocket } = Deno;
      export default {
        fetch(request) {
          if (request.headers.has("upgrade")) upgradeWebSocket(request);
          return new Response("plain");
        },
      };`;
    await using hurricane = await serve(source, { name: "handler.js" });
    new WebSocket(hurricane.url().replace("http", "ws"));
    const line = await hurricane.logged(/^the handler's listener was closed, and is open again: /);
    assertEquals(line.level, "error");
    assertEquals((await hurricane.get()).text, "plain");
    assertEquals(await hurricane.stop(), 0);
  });

  test("one that the handler stops costs its process, which is replaced", {
    skip: runtime !== "bun" && "a handler has the server only on Bun",
  }, async () => {
    await using hurricane = await serve(
      `export default {
        fetch(request, server) {
          if (request.url.endsWith("/stop")) server.stop();
          return new Response(String(process.pid));
        },
      };`,
    );
    const stopped = await hurricane.get("/stop");
    await hurricane.logged(
      /^the handler's listener was closed: the handler called stop\(\) of its server/,
    );
    const other = await eventually(
      "another process",
      () => hurricane.get().then(({ text }) => text, () => undefined),
    );
    assert(other !== stopped.text);
    assertEquals((await hurricane.probeUntil("/ready", 200)).status, 200);
    assertEquals(await hurricane.stop(), 0);
  });

  test("what is in flight over HTTP/2 without TLS is answered before its client is told to go", {
    skip: runtime !== "deno" && "Bun does not speak HTTP/2",
  }, async () => {
    await using hurricane = await serve(obliging);
    const pid = (await hurricane.get("/pid")).text;
    for (const signal of ["SIGHUP", "SIGTERM"] as const) {
      using client = new Http2Connection(hurricane.url());
      const held = client.get("/held");
      await eventually(
        "the request",
        () => hurricane.stdout.items.at(-1) === "holding",
      );
      hurricane.signal(signal);
      if (signal === "SIGTERM") await hurricane.probeUntil("/ready", 400);
      else {
        const other = async () => (await hurricane.get("/pid")).text !== pid;
        await eventually("another process", other);
      }
      // By then it has begun to stop: before that, nothing is at stake.
      await pause(1500);
      writeFileSync(join(hurricane.dir, "release"), "");
      assertEquals((await held).text, "held");
      await client.left;
      rmSync(join(hurricane.dir, "release"));
    }
    assertEquals((await hurricane.exited).code, 0);
  });

  const processes: Record<string, [handler: string, clients: number]> = {
    idle: [greeting, 64],
    // As many as each runtime once lost requests of.
    busy: [busyGreeting, runtime === "bun" ? 32 : 16],
  };
  for (const [how, [handler, length]] of Object.entries(processes)) {
    test(`whoever has connected when it closes is answered (${how} process)`, async () => {
      await using hurricane = await serve(handler);
      const url = hurricane.url();
      let answered = 0;
      // New connections all the time, until none can be had any more.
      const clients = Array.from({ length }, async () => {
        for (;;) {
          const client = await Connection.open(url).catch(() => undefined);
          if (client === undefined) return "refused";
          const answer = await client.get("/").catch(() => undefined);
          client.close();
          if (answer?.text !== "hello") return "lost";
          answered++;
        }
      });
      await eventually("answers", () => answered > 200);
      hurricane.signal("SIGTERM");
      assertEquals(await Promise.all(clients), clients.map(() => "refused"));
      assertEquals((await hurricane.exited).code, 0);
    });
  }

  test("a handler that asks its own server is answered with an access log, too", {
    skip: runtime !== "bun" && "a handler has the server only on Bun",
  }, async () => {
    await using hurricane = await serve(
      `export default {
        fetch: (request, server) => request.url.endsWith("/outer")
          ? server.fetch(new Request("http://test/inner"))
          : new Response("inner"),
      };`,
      { args: ["--access-log"] },
    );
    const { status, text } = await hurricane.get("/outer");
    assertEquals([status, text], [200, "inner"]);
    assertEquals((await hurricane.logged(/^GET \/outer 200$/))["client"], "127.0.0.1");
    assertEquals((await hurricane.logged(/^GET \/inner 200$/))["client"], undefined);
  });
});
