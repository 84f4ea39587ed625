import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import process from "node:process";
import { App } from "../../src/app/app.ts";
import type { ExecutionContext } from "../../src/handler_types.ts";
import { handlerFrom } from "../../src/app/handler.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { request } from "../support/http.ts";
import { pause } from "../support/wait.ts";
import { appOptions } from "../support/workers.ts";

/** An App whose request is held until the gate is opened. */
async function held(onShutdown: () => unknown = () => {}) {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<Response>();
  const module = { default: () => (asked.resolve(), gate.promise), onShutdown };
  const app = new App(handlerFrom("it", module), appOptions);
  const { port } = await app.listen(0);
  return { app, asked: asked.promise, gate, url: `http://127.0.0.1:${port}/` };
}

describe("App", () => {
  test("says what is in flight, and what has been answered", async () => {
    const { app, asked, gate, url } = await held();
    const answered = request(url);
    await asked;
    assertEquals([app.snapshot().inFlight, app.snapshot().answered], [1, 0]);
    gate.resolve(new Response("x"));
    await answered;
    assertEquals([app.snapshot().inFlight, app.snapshot().answered], [0, 1]);
    await app.stop(0);
  });

  test("asks clients to go once it drains, whether or not it listened by then", async () => {
    for (const first of [true, false]) {
      const app = new App(handlerFrom("it", { default: () => new Response("x") }), appOptions);
      if (first) app.drain();
      const { port } = await app.listen(0);
      if (!first) app.drain();
      // A client that would go anyway is told so by Deno itself.
      const { headers } = await request(`http://127.0.0.1:${port}/`, {
        headers: { connection: "keep-alive" },
      });
      assertEquals(headers.connection, "close");
      await app.stop(0);
    }
  });

  test("stops in its order: the last request, the metrics, onShutdown", async () => {
    const order: string[] = [];
    const { app, asked, gate, url } = await held(() => order.push("onShutdown"));
    const { Counter, register } = await import("prom-client");
    new Counter({ name: "a_total", help: "A.", collect: () => void order.push("metrics") });
    try {
      const answered = request(url);
      await asked;
      const metrics: unknown[] = [];
      const stopped = app.stop(3_600_000, (part) => void metrics.push(part));
      order.push("answer");
      gate.resolve(new Response("x"));
      await answered;
      const outcome = await stopped;
      assertEquals(order, ["answer", "metrics", "onShutdown"]);
      assertEquals([outcome, metrics.length], [{ cut: 0, missing: [] }, 1]);
    } finally {
      register.clear();
    }
  });

  test("calls onDrain once, and waits for it before onShutdown", async () => {
    const order: string[] = [];
    const module = {
      default: () => new Response("x"),
      async onDrain() {
        order.push("onDrain");
        await pause(20);
        order.push("drained");
      },
      onShutdown: () => order.push("onShutdown"),
    };
    for (const drained of [true, false]) {
      const app = new App(handlerFrom("it", module), appOptions);
      await app.listen(0);
      if (drained) app.drain();
      await app.stop(3_600_000);
      assertEquals(order.splice(0), ["onDrain", "drained", "onShutdown"]);
    }
  });

  test("waits for what was given to waitUntil before onShutdown, as far as it may", async () => {
    const order: string[] = [];
    const module = {
      default: {
        fetch(_request: Request, env: unknown, { waitUntil }: ExecutionContext): Response {
          waitUntil((async () => {
            await pause(20);
            order.push("done");
            waitUntil(Promise.reject(new Error("of the second")));
          })());
          return new Response(String(env === process.env));
        },
      },
      onShutdown: () => order.push("onShutdown"),
    };
    const app = new App(handlerFrom("it", module), appOptions);
    const { port } = await app.listen(0);
    assertEquals((await request(`http://127.0.0.1:${port}/`)).text, "true");
    using log = new CapturedLog();
    await app.stop(3_600_000);
    assertEquals(order, ["done", "onShutdown"]);
    assertEquals(log.messages, [
      "a promise given to waitUntil was rejected: Error: of the second",
    ]);
  });

  test("does not wait for it without an end", async () => {
    const module = {
      default: (_request: Request, _info: unknown, { waitUntil }: ExecutionContext): Response => {
        waitUntil(new Promise(() => {}));
        return new Response("x");
      },
    };
    const app = new App(handlerFrom("it", module), appOptions);
    const { port } = await app.listen(0);
    await request(`http://127.0.0.1:${port}/`);
    using log = new CapturedLog();
    assertEquals((await app.stop(0)).cut, 0);
    assertEquals(log.messages, ["promises given to waitUntil are not waited for any longer: 1"]);
  });

  test("listens to the process no more once it has stopped, for the access log's sake", async () => {
    const before = process.listenerCount("exit");
    const options = { ...appOptions, accessLog: true };
    const app = new App(handlerFrom("it", { default: () => new Response("x") }), options);
    await app.listen(0);
    await app.stop(0);
    assertEquals(process.listenerCount("exit"), before);
  });

  test("can stop before it has listened", async () => {
    const app = new App(handlerFrom("it", { default: () => new Response("x") }), appOptions);
    const { cut } = await app.stop(0);
    assertEquals(cut, 0);
  });
});
