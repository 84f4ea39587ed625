import { createServer } from "node:http";
import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { CommandFailure, NotAHandler, serve, type ServeOptions, UsageError } from "../src/mod.ts";
import { CapturedLog } from "./support/captured_log.ts";
import { certificate } from "./support/certificate.ts";
import { request } from "./support/http.ts";
import { Receiver } from "./support/receiver.ts";
import { TempDir } from "./support/temp_dir.ts";

const hello = () => new Response("hello");
const quiet: ServeOptions = { port: 0, host: "127.0.0.1", logLevel: "error", shutdownDelay: 0 };

/** A service that is stopped when it is disposed of. */
async function serving(handler: object, options: ServeOptions = {}) {
  const service = await serve(handler, { ...quiet, ...options });
  const probe = async (path: string) => {
    const { status, text } = await request(service.probeUrl + path);
    return [status, text.trimEnd()];
  };
  return {
    ...service,
    get: (path = "/") => request(service.url + path),
    probe,
    [Symbol.asyncDispose]: async () => void await service.stop(),
  };
}

/** A handler whose answers wait until they are released. */
function held(count = 1) {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const handler = async () => {
    if (++calls === count) asked.resolve();
    await gate.promise;
    return new Response("late");
  };
  return { handler, asked: asked.promise, release: gate.resolve };
}

describe("serve takes", () => {
  const forms: Record<string, object> = {
    "a function": hello,
    "an object with a fetch method": { fetch: hello },
    "a module": { default: { fetch: hello } },
    "a module with a function": { default: hello },
    "a server of node:http that does not listen": createServer((_req, res) => res.end("hello")),
  };
  for (const [name, handler] of Object.entries(forms)) {
    test(name, async () => {
      await using service = await serving(handler);
      assertEquals((await service.get()).text, "hello");
      assertEquals((await service.probe("/ready"))[0], 200);
    });
  }

  type Refusal = typeof NotAHandler | typeof UsageError | typeof CommandFailure;
  const wrong: Record<string, [object, ServeOptions, Refusal, string]> = {
    "no object without a fetch method": [
      { port: 1 },
      {},
      NotAHandler,
      "the handler has no handler",
    ],
    "no empty module": [{ default: undefined }, {}, NotAHandler, "it exports default"],
    "no option that is wrong": [hello, { reqQueueLen: -1 }, UsageError, "reqQueueLen"],
    "no option that is unknown": [hello, { prot: 1 } as ServeOptions, UsageError, '"prot"'],
    "no files for TLS that are missing": [
      hello,
      { tlsCert: "nowhere", tlsKey: "nowhere" },
      UsageError,
      'tlsCert "',
    ],
    "no two probes with one path": [hello, { livenessProbe: "/ready/" }, UsageError, '"/ready"'],
    "no debugger": [hello, { debugger: true }, UsageError, "bun --inspect"],
    "no command that fails": [
      hello,
      { command: "false" },
      CommandFailure,
      'command "false" exited',
    ],
  };
  for (const [name, [handler, options, errorClass, message]] of Object.entries(wrong)) {
    test(name, async () => {
      const starting = () => serve(handler, { ...quiet, ...options });
      const error = await assertRejects(starting, Error, message);
      assertInstanceOf(error, errorClass);
    });
  }
});

test("serve refuses what needs processes of its own", async () => {
  for (
    const options of [{ workers: 2 }, { maxLifetime: 9 }, { maxMemory: "1gb" }, {
      autoreload: true,
    }, { maxHeaderSize: "32kb" }]
  ) {
    const error = await assertRejects(() => serve(hello, options), UsageError);
    assertStringIncludes(error.message, `${Object.keys(options)[0]} needs processes of its own`);
  }
});

describe("a service", () => {
  test("says where it is", async () => {
    await using service = await serving(hello);
    assertMatch(service.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assertMatch(service.probeUrl ?? "", /^http:\/\/127\.0\.0\.1:\d+$/);
    assert(service.url !== service.probeUrl);
    await using silent = await serving(hello, { probe: false });
    assertEquals(silent.probeUrl, undefined);
  });

  test("speaks TLS, and its probes do not", async () => {
    using dir = new TempDir();
    const { cert, key } = certificate();
    const tls = { tlsCert: dir.file("tls.crt", cert), tlsKey: dir.file("tls.key", key) };
    await using service = await serving(hello, tls);
    assertMatch(service.url, /^https:\/\/127\.0\.0\.1:\d+$/);
    assertEquals((await request(service.url, { ca: cert })).text, "hello");
    assertEquals((await service.probe("/ready"))[0], 200);
    assertEquals(await service.stop(), true);
  });

  test("answers all probes, in JSON where that is asked for", async () => {
    await using service = await serving(hello, { startupProbe: "up", readinessProbe: "/r" });
    assertMatch(String((await service.probe("/up"))[1]), /^started in \d+\.\d{3}s$/);
    assertEquals(await service.probe("/r/"), [200, "ready, request queue length 0 of 100"]);
    assertEquals(await service.probe("/alive"), [200, "alive"]);
    const headers = { accept: "application/json" };
    const { text } = await request(`${service.probeUrl}/r`, { headers });
    assertEquals(JSON.parse(text), {
      status: "succeeded",
      type: "readiness",
      message: "ready, request queue length 0 of 100",
      queue: { length: 0, handler: 0, kernel: 0, limit: 100 },
      checks: [],
    });
  });

  test("is not ready while its queue is too long", async () => {
    const { handler, asked, release } = held(3);
    await using service = await serving(handler, { reqQueueLen: 2 });
    const answers = [service.get(), service.get(), service.get()];
    await asked;
    assertEquals(await service.probe("/ready"), [400, "request queue length 3 exceeds 2"]);
    release();
    await Promise.all(answers);
    assertEquals((await service.probe("/ready"))[0], 200);
  });

  test("refuses requests beyond --max-inflight", async () => {
    const { handler, asked, release } = held(2);
    await using service = await serving(handler, { maxInflight: 2 });
    const answers = [service.get(), service.get()];
    await asked;
    assertEquals((await service.get()).status, 503);
    release();
    assertEquals((await Promise.all(answers)).map(({ text }) => text), ["late", "late"]);
    const metrics = String((await service.probe("/metrics"))[1]);
    assertMatch(metrics, /^hurricane_requests_shed_total\{reason="inflight"\} 1$/m);
  });

  test("runs the checks of a module", async () => {
    let up = true;
    const db = () => {
      if (!up) throw new Error("refused");
    };
    const module = { default: hello, checks: { readiness: { db }, liveness: { db } } };
    await using service = await serving(module);
    assertEquals((await service.probe("/ready"))[0], 200);
    up = false;
    assertEquals(await service.probe("/ready"), [500, "db failed: Error: refused"]);
    assertEquals(await service.probe("/alive"), [500, "db failed: Error: refused"]);
  });

  test("runs its commands first", async () => {
    await using service = await serving(hello, { command: ["true", "sh -c 'exit 0'"] });
    const [, metrics] = await service.probe("/metrics");
    assertMatch(String(metrics), /^hurricane_command_duration_seconds\{command="true"\} /m);
    assertMatch(String(metrics), /^hurricane_command_duration_seconds\{command="sh"\} /m);
  });

  test("counts what it serves", async () => {
    await using service = await serving(hello);
    await service.get();
    await service.get();
    const metrics = String((await service.probe("/metrics"))[1]);
    const count = /^http_server_request_duration_seconds_count\{.*method="GET".*code="200"\} 2$/m;
    assertMatch(metrics, count);
    await using uncounted = await serving(hello, { metrics: false });
    assertEquals((await uncounted.probe("/metrics"))[0], 404);
  });

  test("sends webhooks", async () => {
    await using receiver = await Receiver.open();
    await using service = await serving(hello, { webhookUrl: receiver.url() });
    await service.probe("/ready");
    assertEquals(await receiver.states(2), ["startup succeeded", "readiness succeeded"]);
    const failed = { ...quiet, webhookUrl: receiver.url(), command: "false" };
    await assertRejects(() => serve(hello, failed), CommandFailure);
    assertEquals((await receiver.states(3))[2], "startup failed");
  });

  test("has its own settings of the log, which is one for the process", async () => {
    using log = new CapturedLog();
    await using _service = await serving(hello);
    assertEquals(log.records, []);
  });

  test("survives a handler that throws", async () => {
    await using service = await serving(() => {
      throw new Error("secret");
    });
    using log = new CapturedLog();
    const { status, text } = await service.get();
    assertEquals([status, text], [500, "Internal Server Error\n"]);
    assertStringIncludes(log.text, "GET / failed: Error: secret");
  });

  test("lives beside another one", async () => {
    await using first = await serving(() => new Response("first"), { readinessProbe: "/one" });
    await using second = await serving(() => new Response("second"), { readinessProbe: "/two" });
    assertEquals([(await first.get()).text, (await second.get()).text], ["first", "second"]);
    assertEquals([(await first.probe("/one"))[0], (await first.probe("/two"))[0]], [200, 404]);
    assertEquals(await first.stop(), true);
    assertEquals((await second.get()).text, "second");
    assertEquals((await second.probe("/two"))[0], 200);
  });

  test("has its probes on the handler's port where both are the same", async () => {
    const free = await serve(hello, quiet);
    const port = new URL(free.url).port;
    await free.stop();
    await using service = await serving(hello, { port, probePort: port });
    assertEquals(service.url, service.probeUrl);
    assertEquals((await service.probe("/ready/"))[0], 200);
    assertEquals((await service.get("/other")).text, "hello");
    const metrics = String((await service.probe("/metrics"))[1]);
    assertMatch(metrics, /^http_server_request_duration_seconds_count\{.*\} 1$/m);
    assertEquals(await service.stop(), true);
    await assertRejects(() => service.probe("/ready"));
  });
});

describe("stop", () => {
  test("is true where nothing was cut off; what is in flight is answered, then onShutdown", async () => {
    const { handler, asked, release } = held();
    const events: string[] = [];
    const service = await serving({ default: handler, onShutdown: () => events.push("shut down") });
    const answered = service.get().then(({ text }) => events.push(text));
    await asked;
    const stopped = service.stop();
    assertEquals((await service.probe("/ready"))[0], 400);
    release();
    assertEquals(await stopped, true);
    await answered;
    assertEquals(events.sort(), ["late", "shut down"]);
    await assertRejects(() => service.get());
    await assertRejects(() => service.probe("/alive"));
  });

  test("is false where a request was cut off", async () => {
    const { handler, asked, release } = held();
    const service = await serving(handler, { shutdownTimeout: 10 });
    using log = new CapturedLog();
    const answered = service.get().catch(() => {});
    await asked;
    assertEquals(await service.stop(), false);
    assertStringIncludes(log.text, "cut off (--shutdown-timeout)");
    release();
    await answered;
  });

  test("is false where onShutdown throws", async () => {
    const onShutdown = () => Promise.reject(new Error("pool"));
    const service = await serving({ default: hello, onShutdown });
    using log = new CapturedLog();
    assertEquals(await service.stop(), false);
    assertStringIncludes(log.text, "the handler did not end well: pool");
  });

  test("may be called twice", async () => {
    let shutdowns = 0;
    const service = await serving({ default: hello, onShutdown: () => void shutdowns++ });
    assertEquals(await Promise.all([service.stop(), service.stop()]), [true, true]);
    assertEquals([await service.stop(), shutdowns], [true, 1]);
  });
});
