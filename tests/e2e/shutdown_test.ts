import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertGreater, assertMatch } from "@std/assert";
import { writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { obliging } from "../support/handlers.ts";
import { Connection } from "../support/http.ts";
import { form, runtime, serve } from "../support/hurricane.ts";
import { eventually } from "../support/wait.ts";

const withShutdown = `${obliging}
export async function onShutdown() {
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log("onShutdown");
}
`;

/** What is told of one request: where a busy machine lets the handler's process not answer in time, less surely. */
const cutOff = /^((at least )?1 request was|requests may have been) cut off$/;

describe(`shutdown (${form})`, () => {
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    test(`${name}: requests in flight finish, then onShutdown, then exit 0`, async () => {
      await using hurricane = await serve(withShutdown);
      const held = hurricane.get("/held");
      await hurricane.printed("holding");
      const streamed = fetch(hurricane.url("/stream"));
      const stream = await streamed;
      hurricane.signal(name);
      await hurricane.probeUntil("/ready", 400);
      assertEquals((await hurricane.probe("/alive")).status, 200);
      writeFileSync(join(hurricane.dir, "release"), "");
      assertEquals((await held).text, "held");
      assertEquals(await stream.text(), "first last");
      assertEquals((await hurricane.exited).code, 0);
      assertEquals(hurricane.stdout.items, ["holding", "answering", "onShutdown"]);
    });
  }

  test("what a handler passes on from a compressing server stays readable while it drains", {
    // Bun says gzip of what it has inflated in any answer, draining or not.
    skip: runtime !== "deno",
  }, async () => {
    const text = "hello ".repeat(1000);
    const upstream = createServer((_asked, answer) => {
      answer.writeHead(200, { "content-encoding": "gzip", "content-type": "text/plain" });
      answer.end(gzipSync(text));
    });
    await once(upstream.listen(0, "127.0.0.1"), "listening");
    const { port } = upstream.address() as AddressInfo;
    await using hurricane = await serve(
      `export default { fetch: () => fetch("http://127.0.0.1:${port}/") };`,
      { args: ["--shutdown-delay=1h"] },
    );
    for (const draining of [false, true]) {
      if (draining) hurricane.signal("SIGTERM");
      if (draining) await hurricane.probeUntil("/ready", 400);
      const answer = await hurricane.get();
      assertEquals([answer.text, answer.headers["content-encoding"]], [text, undefined]);
    }
    upstream.close();
    upstream.closeAllConnections();
  });

  for (const name of ["SIGTERM", "SIGHUP"] as const) {
    test(`${name}: onDrain ends streams that would never end`, async () => {
      await using hurricane = await serve(
        `
        const streams = new Set();
        const text = new TextEncoder();
        export function onDrain() {
          console.log("onDrain");
          for (const stream of streams) {
            stream.enqueue(text.encode("bye"));
            stream.close();
          }
        }
        export const onShutdown = () => console.log("onShutdown");
        export default { fetch: () => new Response(new ReadableStream({
          start(controller) {
            streams.add(controller);
            controller.enqueue(text.encode("hello "));
          },
        })) };`,
        { name: "handler.js", args: ["--shutdown-timeout", "1h"] },
      );
      const response = await fetch(hurricane.url());
      hurricane.signal(name);
      assertEquals(await response.text(), "hello bye");
      if (name === "SIGHUP") {
        await hurricane.logged(/^all processes of the handler are replaced/);
        assertEquals(hurricane.stdout.items, ["onDrain", "onShutdown"]);
        hurricane.signal("SIGTERM");
      }
      assertEquals((await hurricane.exited).code, 0);
      const once = ["onDrain", "onShutdown"];
      assertEquals(hurricane.stdout.items, name === "SIGHUP" ? [...once, ...once] : once);
    });
  }

  test("an onDrain that fails is logged, and nothing else comes of it", async () => {
    await using hurricane = await serve(
      `export const onDrain = async () => { throw new RangeError("cannot drain"); };\n${withShutdown}`,
    );
    assertEquals(await hurricane.stop(), 0);
    const { level, stack } = await hurricane.logged(/^onDrain failed: RangeError: cannot drain$/);
    assertEquals(level, "error");
    assertMatch(String(stack), /handler\.ts/);
    assert(hurricane.stdout.items.includes("onShutdown"));
  });

  test("an onDrain that never settles is waited for no longer than the drain", async () => {
    await using hurricane = await serve(
      `export const onDrain = () => new Promise(() => {});\n${withShutdown}`,
      { args: ["--shutdown-timeout", "500ms"] },
    );
    assertEquals(await hurricane.stop(), 0);
    await hurricane.logged(/^onDrain is not waited for any longer/);
    assert(hurricane.stdout.items.includes("onShutdown"));
  });

  test("--shutdown-delay: keep-alive clients are asked to leave and see no error", async () => {
    await using hurricane = await serve(obliging, { args: ["--shutdown-delay", "2s"] });
    const clients = await Promise.all(
      Array.from({ length: 5 }, () => Connection.open(hurricane.url())),
    );
    for (const client of clients) {
      assertFalse((await client.get("/")).headers.connection === "close");
    }
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    for (const client of clients) {
      // The handler's process is told a moment after the probes know.
      await eventually("a response that asks to close", async () => {
        const { status, headers } = await client.get("/");
        assertEquals(status, 200);
        return headers.connection?.toLowerCase() === "close";
      });
      // As clients do. Bun has closed it already, Deno leaves that to them.
      client.close();
      assertEquals(await client.closed, undefined);
    }
    // Who comes anew is served as long as the delay lasts, and refused only at the door after it.
    let served = 0;
    for (;;) {
      const client = await Connection.open(hurricane.url()).catch(() => undefined);
      if (client === undefined) break;
      const answer = await client.get("/").catch(() => undefined);
      client.close();
      if (answer === undefined) break;
      assertEquals(answer.headers.connection?.toLowerCase(), "close");
      served++;
    }
    assertGreater(served, 0);
    assertEquals((await hurricane.exited).code, 0);
  });

  test("an upload that the handler reads finishes", async () => {
    await using hurricane = await serve(`export default { async fetch(request) {
      console.log("reading");
      return new Response(String((await request.arrayBuffer()).byteLength));
    } };`);
    const answer = Promise.withResolvers<string>();
    const sent = httpRequest(hurricane.url(), { method: "POST" }, (response) => {
      response.setEncoding("utf8").on("data", answer.resolve);
    });
    sent.on("error", answer.reject);
    sent.write("x".repeat(100));
    await hurricane.printed("reading");
    hurricane.signal("SIGTERM");
    await hurricane.probeUntil("/ready", 400);
    sent.end("x".repeat(23));
    assertEquals(await answer.promise, "123");
    assertEquals((await hurricane.exited).code, 0);
  });

  test("what outlives --shutdown-timeout is cut off, counted and exit 1", async () => {
    await using hurricane = await serve(withShutdown, { args: ["--shutdown-timeout", "500ms"] });
    const clients = await Promise.all([1, 2].map(() => Connection.open(hurricane.url())));
    for (const client of clients) client.send("/never");
    await hurricane.stdout.until("both requests", (_, index) => index === 1);
    assertEquals(await hurricane.stop(), 1);
    for (const client of clients) await client.closed;
    const line = hurricane.log.items.find(({ message }) => /\b2\b.*(cut|request)/.test(message));
    assert(line, JSON.stringify(hurricane.log.items));
    assert(hurricane.stdout.items.includes("onShutdown"), JSON.stringify(hurricane.stderr.items));
  });

  test("an onShutdown that throws is logged and exit 1", async () => {
    await using hurricane = await serve(
      `export default { fetch: () => new Response("") };
      export const onShutdown = () => { throw new Error("cannot flush"); };`,
    );
    assertEquals(await hurricane.stop(), 1);
    assert(hurricane.log.items.some((line) => JSON.stringify(line).includes("cannot flush")));
  });

  for (const delay of ["0s", "1m"]) {
    test(`a second SIGINT exits at once with 130, leaves nobody, and tells what it cuts off (--shutdown-delay ${delay})`, async () => {
      await using hurricane = await serve(obliging, { args: ["--shutdown-delay", delay] });
      using client = await Connection.open(hurricane.url());
      client.send("/never");
      await hurricane.printed("never");
      hurricane.signal("SIGINT");
      await hurricane.probeUntil("/ready", 400);
      assertEquals(await hurricane.stop("SIGINT"), 130);
      await client.closed;
      const [error, ...others] = hurricane.log.items.filter(({ level }) => level === "error");
      assertMatch(error?.message ?? "", cutOff);
      assertEquals(others, []);
    });
  }

  test("a second SIGINT does not wait for a handler that stands still, and tells that it may cut off more", async () => {
    await using hurricane = await serve(
      `export default { fetch: () => { console.log("blocked"); while (true); } };`,
    );
    using client = await Connection.open(hurricane.url());
    client.send("/");
    await hurricane.printed("blocked");
    hurricane.signal("SIGINT");
    await hurricane.probeUntil("/ready", 400);
    assertEquals(await hurricane.stop("SIGINT"), 130);
    const errors = hurricane.log.items.filter(({ level }) => level === "error");
    assertEquals(errors.length, 1, JSON.stringify(errors));
    assertMatch(
      errors[0]?.message ?? "",
      /^(requests may have been|at least 1 request was) cut off$/,
    );
  });

  test("Ctrl-C again and again tells once what it cuts off", async () => {
    await using hurricane = await serve(obliging);
    using client = await Connection.open(hurricane.url());
    client.send("/never");
    await hurricane.printed("never");
    hurricane.signal("SIGINT");
    await hurricane.probeUntil("/ready", 400);
    const again = setInterval(() => hurricane.signal("SIGINT"));
    try {
      assertEquals((await hurricane.exited).code, 130);
    } finally {
      clearInterval(again);
    }
    const [warning, error, ...others] = hurricane.log.items.filter(({ level }) => level !== "info");
    assertEquals(warning?.message, "interrupted twice: not waiting any longer");
    assertMatch(error?.message ?? "", cutOff);
    assertEquals(others, []);
  });

  test("Ctrl-C in a terminal lets requests in flight finish", async () => {
    await using hurricane = await serve(withShutdown, { detached: true });
    const held = hurricane.get("/held");
    await hurricane.printed("holding");
    hurricane.interrupt();
    await hurricane.probeUntil("/ready", 400);
    writeFileSync(join(hurricane.dir, "release"), "");
    assertEquals((await held).text, "held");
    assertEquals((await hurricane.exited).code, 0);
    assert(hurricane.stdout.items.includes("onShutdown"));
  });

  test("an idle keep-alive connection does not hold it up", async () => {
    await using hurricane = await serve(obliging, { args: ["--shutdown-timeout", "20s"] });
    using client = await Connection.open(hurricane.url());
    assertEquals((await client.get("/")).text, "hello");
    using probe = await Connection.open(hurricane.probeUrl("/"));
    assertEquals((await probe.get("/ready")).status, 200);
    assertEquals(await hurricane.stop(), 0);
    assertFalse(hurricane.log.items.some(({ level }) => level === "warn" || level === "error"));
  });

  test("says what happens, in order", async () => {
    await using hurricane = await serve(obliging);
    assertEquals(await hurricane.stop(), 0);
    const log = hurricane.log.items.map(({ message }) => message).join("\n");
    assertMatch(log, /probes on[^]*serving on[^]*SIGTERM[^]*stopped/);
  });
});
