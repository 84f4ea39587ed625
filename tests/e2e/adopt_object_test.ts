import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { form, runtime, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

const bun = { skip: runtime === "bun" ? false : "Bun.serve: this is deno" };
const deno = { skip: runtime === "deno" ? false : "Deno.serve: this is bun" };

/** What a module gets for the server that it opened, and that was adopted. */
describe(`the object of an adopted server (${form})`, () => {
  test("Bun.serve: it is the server of its requests", bun, async () => {
    await using hurricane = await serve(
      `const server = Bun.serve({
        port: 3000,
        routes: {
          "/route/:name": (request: any) => new Response(request.params.name),
          "/fixed": new Response("fixed"),
          "/ip": (request: any, server: any) => new Response(server.requestIP(request).address),
        },
        fetch(request: any, given: any) {
          const { pathname } = new URL(request.url);
          if (pathname === "/ws") return server.upgrade(request) ? undefined : new Response("no");
          if (pathname === "/throw") throw new Error("on purpose");
          return Response.json({
            same: given === server,
            self: this === server,
            port: server.port,
            url: server.url.href,
            address: server.requestIP(request)?.address,
            pending: server.pendingRequests,
          });
        },
        error: (error: any) => new Response("mine: " + error.message, { status: 503 }),
        websocket: {
          open(socket: any) { socket.subscribe("all"); },
          message(_socket: any, text: any) { server.publish("all", "all " + text); },
        },
      });
      console.log(typeof server.stop, server.pendingRequests, server.protocol);`,
      { name: "server.ts" },
    );
    const url = hurricane.url();
    const { same, self, port, url: own, address } = JSON.parse((await hurricane.get()).text);
    assertEquals({ same, self, port, own, address }, {
      same: true,
      self: true,
      port: Number(new URL(url).port),
      own: url,
      address: "127.0.0.1",
    });
    assertEquals((await hurricane.get("/route/a")).text, "a");
    assertEquals((await hurricane.get("/fixed")).text, "fixed");
    assertEquals((await hurricane.get("/ip")).text, "127.0.0.1");
    const { status, text } = await hurricane.get("/throw");
    assertEquals([status, text], [503, "mine: on purpose"]);
    await hurricane.printed("function 0 http");
    const socket = new WebSocket(hurricane.url("/ws").replace("http", "ws"));
    const received: unknown[] = [];
    socket.onopen = () => socket.send("x");
    socket.onmessage = ({ data }) => received.push(data);
    const closed = new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code));
    await eventually("the message", () => received.includes("all x"));
    hurricane.signal("SIGTERM");
    assertEquals(await closed, 1001);
    assertEquals((await hurricane.exited).code, 0);
  });

  test("Bun.serve: reload() has others answer, which are counted as well", bun, async () => {
    await using hurricane = await serve(
      `const server = Bun.serve({
        port: 3000,
        routes: { "/old": new Response("old") },
        // As frameworks give them.
        tls: { cert: undefined, key: undefined },
        error: undefined,
        websocket: undefined,
        fetch(request) {
          if (new URL(request.url).pathname === "/reload") {
            server.reload({ routes: { "/new": () => new Response("route") }, fetch: () => new Response("new") });
          }
          return new Response("first");
        },
      });
      console.log(server.url.protocol);`,
      { name: "server.ts" },
    );
    assertEquals((await hurricane.get("/reload")).text, "first");
    await eventually("the new one", async () => (await hurricane.get("/")).text === "new");
    assertEquals((await hurricane.get("/new")).text, "route");
    const before = await counted(hurricane);
    await hurricane.get("/new");
    assertEquals(await counted(hurricane), before + 1);
    await hurricane.printed("http:");
    assertEquals(hurricane.log.items.filter(({ level }) => level === "warn"), []);
    assertEquals(await hurricane.stop(), 0);
  });

  test("whatever has wrapped the runtime's serve is passed once", async () => {
    const source = {
      bun: `const { serve } = Bun;
        Bun.serve = (options) => serve({
          ...options,
          fetch(...given) { console.log("passed"); return options.fetch.apply(this, given); },
        });
        Bun.serve({ port: 3000, fetch: () => new Response("x") });`,
      deno: `const { serve } = Deno;
        Deno.serve = (options, handler) => serve(options, (...given) => {
          console.log("passed");
          return handler(...given);
        });
        Deno.serve({ port: 3000 }, () => new Response("x"));`,
    };
    await using hurricane = await serve(source[runtime], { name: "server.js" });
    assertEquals((await hurricane.get()).text, "x");
    assertEquals(await hurricane.stop(), 0);
    assertEquals(hurricane.stdout.items, ["passed"]);
  });

  test("Bun.serve: stop() is noticed, and another process takes its place", bun, async () => {
    await using hurricane = await serve(
      `const server = Bun.serve({ port: 3000, fetch(request) {
        if (new URL(request.url).pathname === "/stop") server.stop();
        return new Response(String(process.pid));
      } });`,
      { name: "server.ts" },
    );
    const { text: first } = await hurricane.get("/stop");
    await hurricane.logged(/the handler called stop\(\) of its server; this process ends/);
    await eventually("another process", async () => {
      const { text } = await hurricane.get().catch(() => ({ text: first }));
      return text !== first;
    });
    assertEquals(await hurricane.stop(), 0);
  });

  test("Deno.serve: addr, finished and the forms of its call", deno, async () => {
    const handler = `(request, info) => Response.json({ from: info.remoteAddr.hostname })`;
    const calls: Record<string, string> = {
      "a handler": `Deno.serve(${handler})`,
      "options and a handler":
        `Deno.serve({ port: 3000, onListen(at) { console.log("at " + at.port); } }, ${handler})`,
      "a handler in options": `Deno.serve({ port: 3000, handler: ${handler} })`,
    };
    for (const call of Object.values(calls)) {
      await using hurricane = await serve(
        `const server = ${call};
        console.log("planned " + server.addr.transport);
        server.finished.then(() => console.log("finished"));
        export const onShutdown = () => new Promise((resolve) => setTimeout(resolve, 50));`,
        { name: "server.js" },
      );
      assertEquals(JSON.parse((await hurricane.get()).text), { from: "127.0.0.1" });
      await hurricane.printed("planned tcp");
      assertEquals(await hurricane.stop(), 0);
      assertEquals(hurricane.stdout.items.at(-1), "finished");
    }
  });

  test("Deno.serve: its onError answers, and what it throws is logged", deno, async () => {
    await using hurricane = await serve(
      `Deno.serve({
        port: 3000,
        onError: (error) => new Response("mine: " + error.message, { status: 503 }),
      }, () => { throw new Error("on purpose"); });`,
      { name: "server.js" },
    );
    const { status, text } = await hurricane.get();
    assertEquals([status, text], [503, "mine: on purpose"]);
    const { stack } = await hurricane.logged(/^GET \/ failed: Error: on purpose$/);
    assertMatch(String(stack), /server\.js/);
    assertEquals(await hurricane.stop(), 0);
  });

  for (const end of ["server.shutdown()", "abort.abort()"]) {
    test(`Deno.serve: ${end} is noticed, and another process takes its place`, deno, async () => {
      await using hurricane = await serve(
        `const abort = new AbortController();
        const server = Deno.serve({ port: 3000, signal: abort.signal }, (request) => {
          if (new URL(request.url).pathname === "/stop") ${end};
          return new Response(String(Deno.pid));
        });`,
        { name: "server.js" },
      );
      const { text: first } = await hurricane.get("/stop");
      await hurricane.logged(/the handler ended its server by .*; this process ends/);
      await eventually("another process", async () => {
        const { text } = await hurricane.get().catch(() => ({ text: first }));
        return text !== first;
      });
      assertEquals(await hurricane.stop(), 0);
    });
  }
});

/** How many requests the metrics count. */
async function counted(
  hurricane: { probe(path: string): Promise<{ text: string }> },
): Promise<number> {
  const { text } = await hurricane.probe("/metrics");
  return [...text.matchAll(/^http_server_request_duration_seconds_count\{.*\} (\d+)$/gm)]
    .reduce((sum, [, count]) => sum + Number(count), 0);
}
