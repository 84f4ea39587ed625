import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { runtime } from "../../src/runtime/mod.ts";
import type { FetchHandler } from "../../src/runtime/runtime.ts";
import { certificate } from "../support/certificate.ts";
import { eventually, Feed } from "../support/wait.ts";
import { describeRuntime, listening } from "./conformance.ts";

/** Marks what a wrapped handler has answered. */
const wrap = (handler: FetchHandler): FetchHandler => async (request, info) => {
  const answer = await handler(request, info);
  return answer && new Response(`wrapped ${await answer.text()}`, answer);
};

describeRuntime("bun", (skip) => {
  const routes = { "/a": () => new Response("a") };
  const known: Record<string, [Record<string, unknown>, string[]]> = {
    "all that Bun.serve knows": [
      { routes, websocket: {}, error: () => {}, idleTimeout: 5, maxRequestBodySize: 5, tls: {} },
      ["error", "idleTimeout", "maxRequestBodySize", "routes", "tls", "websocket"],
    ],
    "not what is undefined": [{ idleTimeout: undefined, error: undefined }, []],
    "not the routes of Hono, which are an array": [{ routes: [] }, []],
    "not a port": [{ port: 1, hostname: "x", fetch: () => {}, unix: "/x" }, []],
  };
  for (const [name, [fields, names]] of Object.entries(known)) {
    test(`takes over ${name}`, { skip }, () => {
      assertEquals(Object.keys(runtime.knownFields(fields)).sort(), names);
    });
  }

  test("leaves an answer that nobody reads as it has come", { skip }, async () => {
    const sent = gzipSync(Buffer.alloc(1000));
    const server = createServer((_incoming, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(sent);
    });
    try {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/`, runtime.unreadAnswer);
      assertEquals(Buffer.from(await response.arrayBuffer()), sent);
    } finally {
      server.close();
    }
  });

  test("serves routes of every kind, each of them wrapped", { skip }, async () => {
    const answer = (text: string) => () => new Response(text);
    const fields = {
      routes: {
        "/function": answer("function"),
        "/prepared": new Response("prepared", { status: 201 }),
        "/methods": { GET: answer("GET"), POST: new Response("POST") },
        "/with/:name": (request: { params: { name: string } }) => new Response(request.params.name),
        "/left": false,
      },
    };
    await using server = await listening(answer("fetch"), { fields, wrap });
    const texts: Record<string, string> = {
      "/function": "wrapped function",
      "/prepared": "wrapped prepared",
      "/methods": "wrapped GET",
      "/with/x": "wrapped x",
      "/left": "fetch",
      "/other": "fetch",
    };
    for (const [path, text] of Object.entries(texts)) {
      // Twice: the body of a prepared response can be read once.
      for (let times = 0; times < 2; times++) assertEquals((await server.get(path)).text, text);
    }
    assertEquals((await server.get("/prepared")).status, 201);
    assertEquals((await server.get("/methods", { method: "POST" })).text, "wrapped POST");
  });

  test(
    "heeds the handler's own body limit, unless an option says otherwise",
    { skip },
    async () => {
      const read = async (request: Request) => new Response(await request.text());
      const body = { method: "POST", body: "x".repeat(20) };
      const fields = { maxRequestBodySize: 10 };
      await using own = await listening(read, { fields });
      assertEquals((await own.get("/", body)).status, 413);
      await using option = await listening(read, { fields, maxBodySize: 100 });
      assertEquals((await option.get("/", body)).status, 200);
    },
  );

  test("gives its address to what is asked for, whatever the fields say", { skip }, async () => {
    const fields = { port: 1, hostname: "192.0.2.1", idleTimeout: 5 };
    await using server = await listening(() => new Response("x"), { fields });
    assertEquals((await server.get()).text, "x");
  });

  test(
    "listens over TLS where the handler's fields say so, and an option does not",
    { skip },
    async () => {
      const [own, option] = [certificate(), certificate()];
      const fields = { tls: { cert: own.cert, key: own.key } };
      const answer = () => new Response("x");
      await using first = await listening(answer, { fields });
      assertEquals((await first.get("/", { ca: own.cert })).text, "x");
      await using second = await listening(answer, { fields, tls: option });
      assertEquals((await second.get("/", { ca: option.cert })).text, "x");
      assertEquals([first.listener.scheme, second.listener.scheme], ["https", "https"]);
      await using plain = await listening(answer, { fields: { tls: null } });
      assertEquals([(await plain.get()).text, plain.listener.scheme], ["x", "http"]);
    },
  );

  test(
    "calls the handler later, and in order, where the loop has not turned",
    { skip },
    async () => {
      const called: string[] = [];
      const handler = runtime.turning!((request: Request) => {
        called.push(new URL(request.url).pathname);
        if (request.url.endsWith("/throws")) throw new Error("on purpose");
        return new Response("x");
      });
      const call = (path: string) => handler(new Request(`http://test${path}`), undefined);
      assert(call("/at-once") instanceof Response);
      for (const end = performance.now() + 600; performance.now() < end;);
      const [throws, last] = [call("/throws"), call("/last")];
      assertEquals(called, ["/at-once"]);
      await assertRejects(() => Promise.resolve(throws), Error, "on purpose");
      assert(await last instanceof Response);
      assertEquals(called, ["/at-once", "/throws", "/last"]);
      await eventually("a turn", () => call("/again") instanceof Response);
    },
  );

  test("calls the handler at once after a rest, and then as ever", { skip }, () => {
    const handler = runtime.turning!((_request: Request) => new Response("x"));
    const call = () => handler(new Request("http://test/"), undefined);
    const stall = () => {
      for (const end = performance.now() + 600; performance.now() < end;);
    };
    runtime.turned!(1000);
    stall();
    assert(call() instanceof Response);
    stall();
    // A rest is over with its first request: what comes after it may keep the loop from turning.
    assert(!(call() instanceof Response));
  });

  test("tells open WebSockets that it goes away", { skip }, async () => {
    const events = new Feed<string>();
    interface Socket {
      send(text: string): void;
    }
    const websocket = {
      greeting: "hello",
      open(socket: Socket): void {
        socket.send(this.greeting);
      },
      message(): void {},
      close(_socket: Socket, code: number): void {
        events.push(`${this.greeting} closed ${code}`);
      },
    };
    const upgrade: FetchHandler = (request, info) => {
      (info as { upgrade(request: Request): boolean }).upgrade(request);
      return undefined;
    };
    await using server = await listening(upgrade, { fields: { websocket } });
    const client = new WebSocket(server.url.replace("http", "ws"));
    client.onmessage = ({ data }) => events.push(`got ${data}`);
    client.onclose = ({ code, reason }) => events.push(`client ${code} ${reason}`);
    assertEquals(await events.first(1), ["got hello"]);
    const stopped = server.listener.stop();
    server.listener.closeWebSockets();
    await stopped;
    assertEquals((await events.first(3)).sort(), [
      "client 1001 the server is shutting down",
      "got hello",
      "hello closed 1001",
    ]);
  });

  test("counts and cuts off what it still waits for", { skip }, async () => {
    const asked = Promise.withResolvers<void>();
    await using server = await listening(() => (asked.resolve(), new Promise(() => {})));
    const cut = server.get().then(() => "answered", () => "cut off");
    await asked.promise;
    const stopped = server.listener.stop();
    assertEquals(server.listener.pending(), 1);
    server.listener.abort();
    assertEquals(await cut, "cut off");
    await stopped;
  });
});
