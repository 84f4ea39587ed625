import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { built, started } from "../support/built.ts";
import { Collector, handlerModules, install, type ReceivedSpan } from "../support/collector.ts";
import { freePort } from "../support/free_port.ts";
import {
  form,
  type Hurricane,
  launch,
  type LaunchOptions,
  runtime,
  serve,
} from "../support/hurricane.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eventually } from "../support/wait.ts";

const missing = install();
if (missing !== undefined) console.log(missing);
const options = { skip: missing ?? false };

/** Spans are sent at the end: nothing here waits for a timer. */
const atTheEnd = { OTEL_BSP_SCHEDULE_DELAY: "600000" };

/** Starts it so that it sends its spans to a collector. */
function traced(
  handler: string,
  collector: { url: string },
  { args = [], env = {}, ...rest }: LaunchOptions = {},
): Promise<Hurricane> {
  return serve(handler, {
    args: ["--otel", ...args],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...atTheEnd, ...env },
    modules: handlerModules,
    ...rest,
  });
}

const traceId = "0af7651916cd43dd8448eb211c80319c";
const caller = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${caller}-01`;

/** Makes a span of its own after it has waited for a body and a timer. */
const working = `
  import { trace } from "@opentelemetry/api";
  const tracer = trace.getTracer("the handler");
  export default {
    async fetch(request) {
      const body = await request.text();
      await new Promise((resolve) => setTimeout(resolve, 1));
      tracer.startSpan("work").end();
      return new Response(body);
    },
  };`;

/** As {@linkcode working}, with a server that the module opens. */
const opening: Record<string, string> = {
  "the runtime's own server": working.replace("export default {", "const handler = {") +
    (runtime === "bun" ? "Bun.serve(handler);" : "Deno.serve(handler.fetch);"),
  "node:http": `
    import { trace } from "@opentelemetry/api";
    import { createServer } from "node:http";
    const tracer = trace.getTracer("the handler");
    createServer((req, res) => {
      let body = "";
      req.on("data", (chunk) => body += chunk);
      req.on("end", () => setTimeout(() => {
        tracer.startSpan("work").end();
        res.end(body);
      }, 1));
    }).listen(0);`,
};

const fails = `export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/throw") throw new TypeError("no");
    return pathname === "/never" ? new Promise(() => console.log("never")) :
      new Response(null, { status: Number(pathname.slice(1)) });
  },
};`;

/** What each span says of how its request went, by path. */
function outcomes(spans: ReceivedSpan[]): Record<string, unknown[]> {
  return Object.fromEntries(
    spans.map(({ attributes, status, events }) => [
      attributes["url.path"],
      [attributes["http.response.status_code"], attributes["error.type"], status, ...events],
    ]),
  );
}

describe(`--otel (${form})`, () => {
  test("makes a server span of a request, by the conventions", options, async () => {
    await using collector = await Collector.open();
    await using hurricane = await traced(working, collector, {
      env: {
        OTEL_SERVICE_NAME: "shop",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x",
      },
    });
    const headers = { "user-agent": "tester", "traceparent": traceparent };
    await hurricane.get("/a/b?c=d&sig=secret", { headers });
    assertEquals(await hurricane.stop(), 0);
    const [server] = collector.servers;
    assertEquals(collector.servers.length, 1);
    const { resource, spanId: _, ...span } = server!;
    assertEquals(span, {
      traceId,
      parentSpanId: caller,
      name: "GET",
      kind: 2,
      attributes: {
        "http.request.method": "GET",
        "url.path": "/a/b",
        "url.query": "c=d&sig=REDACTED",
        "url.scheme": "http",
        "client.address": "127.0.0.1",
        "network.peer.address": "127.0.0.1",
        "server.address": "127.0.0.1",
        "server.port": Number(new URL(hurricane.url()).port),
        "user_agent.original": "tester",
        "http.response.status_code": 200,
      },
      events: [],
      status: 0,
      scope: "hurricane",
    });
    assertEquals(
      [resource["service.name"], resource["deployment.environment.name"]],
      ["shop", "test"],
    );
    assertEquals(collector.posts.map(({ url, headers }) => [url, headers.authorization]), [
      ["/v1/traces", "Bearer x"],
    ]);
  });

  for (const [what, handler] of Object.entries({ "fetch": working, ...opening })) {
    test(`makes the handler's own spans children of it: ${what}`, options, async () => {
      await using collector = await Collector.open();
      await using hurricane = await traced(handler, collector, { name: "handler.mjs" });
      const answers = await Promise.all(
        ["a", "b"].map((body) =>
          hurricane.get(`/${body}`, { method: "POST", body, headers: { traceparent } })
        ),
      );
      assertEquals(answers.map(({ text }) => text), ["a", "b"]);
      assertEquals(await hurricane.stop(), 0);
      const work = collector.spans.items.filter(({ scope }) => scope === "the handler");
      assertEquals(collector.servers.map(({ name }) => name), ["POST", "POST"]);
      assertEquals(
        work.map(({ parentSpanId }) => parentSpanId).sort(),
        collector.servers.map(({ spanId }) => spanId).sort(),
      );
      assertEquals(work.map(({ traceId }) => traceId), [traceId, traceId]);
    });
  }

  test("tells what became of requests", options, async () => {
    await using collector = await Collector.open();
    await using hurricane = await traced(fails, collector, {
      args: ["--shutdown-timeout=100ms"],
      // On Deno, what a project has decides how Hurricane's own packages are found.
      modules: undefined,
    });
    for (const path of ["/204", "/404", "/503", "/throw"]) await hurricane.get(path);
    const { port } = new URL(hurricane.url());
    const leaving = connect(Number(port), "127.0.0.1");
    leaving.write("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
    await hurricane.printed("never");
    leaving.destroy();
    await eventually(
      "the client to have left",
      async () =>
        (await hurricane.probe("/metrics")).text.includes('http_response_status_code="499"'),
    );
    // Its handler works on without an end: it is cut off.
    assertEquals(await hurricane.stop(), 1);
    assertEquals(outcomes(collector.servers), {
      "/204": [204, undefined, 0],
      "/404": [404, undefined, 0],
      "/503": [503, "503", 2],
      "/throw": [500, "TypeError", 2, "exception"],
      "/never": [undefined, "client_closed_request", 2],
    });
  });

  test("names spans by the routes that are known", options, async () => {
    await using collector = await Collector.open();
    await using hurricane = await traced(
      `
      import { trace } from "@opentelemetry/api";
      export default {
        routes: { "/bun/:id": () => new Response("x") },
        fetch() {
          trace.getActiveSpan().setAttribute("http.route", "/own/:id");
          return new Response("x");
        },
      };`,
      collector,
    );
    await hurricane.get("/bun/1");
    assertEquals(await hurricane.stop(), 0);
    const route = runtime === "bun" ? "/bun/:id" : "/own/:id";
    assertEquals(
      collector.servers.map(({ name, attributes }) => [name, attributes["http.route"]]),
      [[`GET ${route}`, route]],
    );
  });

  test("knows the routes of Express", options, async () => {
    await using collector = await Collector.open();
    await using hurricane = await traced(
      `
      import express from "express";
      const users = express.Router().get("/:id", (req, res) => res.send("x"));
      express().use("/users", users).listen(0);`,
      collector,
      { name: "handler.mjs" },
    );
    await hurricane.get("/users/1");
    await hurricane.get("/elsewhere");
    assertEquals(await hurricane.stop(), 0);
    assertEquals(collector.servers.map(({ name }) => name), ["GET /users/:id", "GET"]);
  });

  test("makes one of an upgrade, and calls who takes it over within it", options, async () => {
    await using collector = await Collector.open();
    await using hurricane = await traced(
      `
      import { trace } from "@opentelemetry/api";
      import { createServer } from "node:http";
      const tracer = trace.getTracer("the handler");
      createServer().on("upgrade", (req, socket) => {
        tracer.startSpan("work").end();
        socket.end("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: x\\r\\nConnection: Upgrade\\r\\n\\r\\n");
      }).listen(0);`,
      collector,
      { name: "handler.mjs" },
    );
    const socket = connect(Number(new URL(hurricane.url()).port), "127.0.0.1");
    socket.write("GET /up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    const closed = once(socket, "close");
    socket.resume();
    await closed;
    assertEquals(await hurricane.stop(), 0);
    assertEquals(outcomes(collector.servers), { "/up": [101, undefined, 0] });
    const work = collector.spans.items.filter(({ scope }) => scope === "the handler");
    assertEquals(work.map(({ parentSpanId }) => parentSpanId), [collector.servers[0]?.spanId]);
  });

  test("says that an SDK of the handler's own comes too late", options, async () => {
    await using collector = await Collector.open();
    await using hurricane = await traced(
      `
      import { ProxyTracerProvider, trace } from "@opentelemetry/api";
      trace.setGlobalTracerProvider(new ProxyTracerProvider());
      export default () => new Response("x");`,
      collector,
    );
    const { level } = await hurricane.logged(/@opentelemetry\/api: .*(duplicate|registered)/);
    assertEquals(level, "warn");
    await hurricane.get("/");
    assertEquals(await hurricane.stop(), 0);
    assertEquals(collector.servers.length, 1);
  });

  test("makes none of a probe on the handler's port", options, async () => {
    await using collector = await Collector.open();
    const port = await freePort();
    await using hurricane = await traced(working, collector, {
      args: [`--port=${port}`, `--probe-port=${port}`],
    });
    for (const path of ["/ready", "/alive", "/metrics"]) {
      assertEquals((await hurricane.get(path)).status, 200);
    }
    await hurricane.get("/own");
    assertEquals(await hurricane.stop(), 0);
    assertEquals(collector.servers.map(({ attributes }) => attributes["url.path"]), ["/own"]);
  });

  test("sends what the sampler says", options, async () => {
    await using collector = await Collector.open();
    await using hurricane = await traced(working, collector, {
      env: { OTEL_TRACES_SAMPLER: "parentbased_always_off" },
    });
    await hurricane.get("/none");
    await hurricane.get("/never", { headers: { traceparent: traceparent.replace(/1$/, "0") } });
    await hurricane.get("/sampled", { headers: { traceparent } });
    assertEquals(await hurricane.stop(), 0);
    assertEquals(collector.servers.map(({ attributes }) => attributes["url.path"]), ["/sampled"]);
  });

  test("serves without a collector, and says so once", options, async () => {
    const port = await freePort();
    await using hurricane = await traced(working, { url: `http://127.0.0.1:${port}` }, {
      env: { OTEL_BSP_SCHEDULE_DELAY: "10", OTEL_EXPORTER_OTLP_TIMEOUT: "100" },
    });
    await hurricane.get("/");
    const told = await hurricane.logged(/^spans cannot be sent to http:\/\/127\.0\.0\.1/);
    assertStringIncludes(told.message, "ECONNREFUSED");
    for (let request = 0; request < 20; request++) {
      assertEquals((await hurricane.get("/")).status, 200);
    }
    assertEquals(await hurricane.stop(), 0);
    const warnings = hurricane.log.items.filter(({ level }) => level === "warn");
    assertEquals(warnings.map(({ message }) => message), [told.message]);
  });

  test("works in a built app, with the handler's packages in it", {
    skip: missing ?? (form === "executable" ? false : "dist/hurricane builds"),
  }, async () => {
    using dir = new TempDir();
    dir.file("handler.mjs", working);
    symlinkSync(handlerModules, join(dir.path, "node_modules"));
    await built(dir, ["handler.mjs", "-o", "app"]);
    await using collector = await Collector.open();
    await using app = await started(join(dir.path, "app"), ["--otel"], {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ...atTheEnd,
    });
    assertEquals((await app.get("/")).status, 200);
    assertEquals(await app.stop(), 0);
    const [server] = collector.servers;
    const work = collector.spans.items.filter(({ scope }) => scope === "the handler");
    assertEquals(work.map(({ parentSpanId }) => parentSpanId), [server?.spanId]);
  });

  test("leaves the handler's spans alone without the option", options, async () => {
    await using collector = await Collector.open();
    await using hurricane = await serve(
      `export default () => Response.json(Symbol.for("opentelemetry.js.api.1") in globalThis);`,
      { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } },
    );
    assertEquals((await hurricane.get()).text, "false");
    assertEquals(await hurricane.stop(), 0);
    assertEquals(collector.posts, []);
  });

  const wrong: Record<string, Record<string, string>> = {
    "--otel has nowhere to send spans to: set OTEL_EXPORTER_OTLP_ENDPOINT": {},
    'OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" is no URL': {
      OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
    },
    'OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not spoken here': {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://x:4317",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    },
  };
  for (const [sentence, env] of Object.entries(wrong)) {
    test(`refuses what cannot be done: ${sentence}`, async () => {
      await using hurricane = launch(working, { args: ["--otel"], env });
      assertEquals((await hurricane.exited).code, 2);
      const [line = "", ...more] = hurricane.stderr.items;
      const { message } = JSON.parse(line) as { message: string };
      assertStringIncludes(message, sentence);
      assertEquals(more, []);
    });
  }

  for (const shared of [false, true]) {
    const place = shared ? "the handler's port" : "their own port";
    test(`leaves it to Deno where that makes spans, and takes those of probes on ${place} away`, {
      skip: missing ?? (runtime === "deno" ? false : "Deno's alone"),
    }, async () => {
      await using collector = await Collector.open();
      const port = await freePort();
      await using hurricane = await traced(working, collector, {
        env: { OTEL_DENO: "true" },
        args: shared ? [`--port=${port}`, `--probe-port=${port}`] : [],
      });
      for (const path of ["/ready", "/alive", "/metrics"]) {
        const { status } = await (shared ? hurricane.get(path) : hurricane.probe(path));
        assertEquals(status, 200);
      }
      await hurricane.get("/once", { headers: { traceparent } });
      assertEquals(await hurricane.stop(), 0);
      assertEquals(
        collector.servers.map(({ attributes, parentSpanId }) => [
          new URL(String(attributes["url.full"])).pathname,
          parentSpanId,
        ]),
        [["/once", caller]],
      );
      const work = collector.spans.items.filter(({ scope }) => scope === "the handler");
      assertEquals(work.map(({ parentSpanId }) => parentSpanId), [collector.servers[0]?.spanId]);
    });
  }
});
