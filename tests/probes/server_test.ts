import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { Probes, type Verdict } from "../../src/probes/probes.ts";
import { RequestQueue } from "../../src/probes/queue.ts";
import { probePaths, probeServer, type ProbeServerOptions } from "../../src/probes/server.ts";
import { CapturedLog } from "../support/captured_log.ts";

const check = { name: "db", status: "failed", duration_ms: 2, message: "Error: x" } as const;
const worker = {
  pid: 1,
  address: { port: 1, checks: { readiness: 1, liveness: 0 } },
  snapshot: { inFlight: 3, loopDelay: 0 },
  silence: 0,
  refresh: () => Promise.resolve(),
  runChecks: () => Promise.resolve([{ ...check, trace: "Error: x\n  at secret.ts" }]),
};

function server(options: Partial<ProbeServerOptions> = {}) {
  const answered: Verdict[] = [];
  const probes = new Probes(
    {
      phase: "serving",
      detail: "",
      startupSeconds: 0.5,
      workers: [worker],
      retiring: [],
      downFor: 0,
    },
    { reqQueueLen: 10, stallTimeout: 30_000 },
    new RequestQueue(),
  );
  const app = probeServer({
    startupProbe: "/startup",
    readinessProbe: "/ready",
    livenessProbe: "/health/live",
    metrics: "/metrics",
    probes,
    exposition: (accept, wait) =>
      Promise.resolve({
        contentType: "text/x",
        body: new TextEncoder().encode(`for ${accept} in ${wait}`),
      }),
    onAnswer: (verdict) => answered.push(verdict),
    logProbes: false,
    inPlaceOfHandler: false,
    ...options,
  });
  const ask = async (path: string, init: RequestInit = {}) =>
    await app(new Request(`http://probes${path}`, init));
  return { ask, answered };
}

const json = { headers: { accept: "application/json" } };

describe("probePaths", () => {
  const paths = { startupProbe: "/s", readinessProbe: "/r", livenessProbe: "/l" };
  test("are all that is answered", () => {
    assertEquals(probePaths({ ...paths, metrics: "/m" }), ["/s", "/r", "/l", "/m"]);
    assertEquals(probePaths({ ...paths, metrics: false }), ["/s", "/r", "/l"]);
  });
});

describe("probeServer", () => {
  const texts: Record<string, [number, string]> = {
    "/startup": [200, "started in 0.500s\n"],
    "/ready": [500, "db failed: Error: x\n"],
    "/health/live": [200, "alive\n"],
  };
  for (const [path, expected] of Object.entries(texts)) {
    for (const method of ["GET", "POST"]) {
      for (const slash of ["", "/", "?verbose"]) {
        test(`answers ${method} ${path}${slash} in plain text`, async () => {
          const { ask, answered } = server();
          const answer = await ask(path + slash, { method });
          assertEquals([answer.status, await answer.text()], expected);
          assertEquals(
            answer.headers.get("content-type")?.toLowerCase(),
            "text/plain; charset=utf-8",
          );
          assertEquals(answer.headers.get("cache-control"), "no-store");
          assertEquals(answered.map(({ status }) => status), [expected[0]]);
        });
      }
    }
  }

  test("answers in JSON where that is asked for, without a stack", async () => {
    const { ask } = server();
    const answer = await ask("/ready", json);
    assertEquals(answer.headers.get("content-type"), "application/json");
    const text = await answer.text();
    assertFalse(text.includes("secret"), text);
    assertEquals(JSON.parse(text), {
      status: "failed",
      type: "readiness",
      message: "db failed: Error: x",
      queue: { length: 3, handler: 3, kernel: 0, limit: 10 },
      checks: [check],
    });
    assertEquals(await (await ask("/startup", json)).json(), {
      status: "succeeded",
      type: "startup",
      message: "started in 0.500s",
    });
  });

  const accepts: [string | undefined, boolean][] = [
    [undefined, false],
    ["*/*", false],
    ["text/html", false],
    ["text/plain, application/json", false],
    ["text/plain;q=0.5, application/json", true],
    ["application/json", true],
  ];
  for (const [accept, expected] of accepts) {
    test(`answers ${accept} with ${expected ? "JSON" : "text"}`, async () => {
      const headers: Record<string, string> = accept === undefined ? {} : { accept };
      const answer = await server().ask("/ready", { headers });
      assertEquals((await answer.text()).startsWith("{"), expected);
    });
  }

  test("answers HEAD as GET, without a body", async () => {
    const { ask, answered } = server();
    const answer = await ask("/ready", { method: "HEAD" });
    assertEquals([answer.status, await answer.text()], [500, ""]);
    assertEquals(answered.length, 1);
    const { byteLength } = await (await ask("/ready")).arrayBuffer();
    assertEquals(answer.headers.get("content-length"), String(byteLength));
    assertMatch(answer.headers.get("content-type") ?? "", /^text\/plain/);
  });

  for (const method of ["PUT", "DELETE", "OPTIONS", "PATCH"]) {
    test(`refuses ${method}, and counts it as no probe`, async () => {
      const { ask, answered } = server();
      for (const path of ["/ready", "/metrics"]) {
        const answer = await ask(path, { method });
        assertEquals([answer.status, answer.headers.get("allow")], [405, "GET, HEAD, POST"]);
        assertEquals(answer.headers.get("cache-control"), "no-store");
      }
      assertEquals(answered, []);
    });
  }

  for (const path of ["/", "/readyx", "/Ready", "/ready//", "/x/ready"]) {
    test(`says what there is instead of ${path}`, async () => {
      const answer = await server().ask(path);
      assertEquals(answer.status, 404);
      assertStringIncludes(await answer.text(), "/startup, /ready, /health/live, /metrics");
    });
  }

  test("says that the handler is not up, where it answers in its place", async () => {
    const { ask } = server({ inPlaceOfHandler: true });
    const answer = await ask("/any");
    assertEquals([answer.status, await answer.text()], [503, "the handler is not up\n"]);
    assertEquals(answer.headers.get("retry-after"), "1");
    assertEquals((await ask("/startup")).status, 200);
    assertEquals((await ask("/metrics")).status, 200);
  });

  test("shows the metrics in the format asked for", async () => {
    const { ask, answered } = server();
    const headers = { accept: "x/y", "X-Prometheus-Scrape-Timeout-Seconds": "5" };
    const answer = await ask("/metrics", { headers });
    assertEquals([answer.status, await answer.text()], [200, "for x/y in 5"]);
    assertEquals(answer.headers.get("content-type"), "text/x");
    assertEquals(answered, []);
  });

  test("has no metrics where there are to be none", async () => {
    const answer = await server({ metrics: false }).ask("/metrics");
    assertEquals(answer.status, 404);
    assertFalse((await answer.text()).includes("/metrics"));
  });

  test("answers 500 without a word about it when the metrics fail, and logs it", async () => {
    using log = new CapturedLog();
    const exposition = () => Promise.reject(new Error("secret"));
    const answer = await server({ exposition }).ask("/metrics");
    assertEquals([answer.status, await answer.text()], [500, "Internal Server Error\n"]);
    assertEquals(log.messages, ["/metrics failed: secret"]);
  });

  test("logs probes where that is asked for, and else nothing", async () => {
    using log = new CapturedLog();
    await server().ask("/ready");
    assertEquals(log.messages, []);
    await server({ logProbes: true }).ask("/ready/");
    assertEquals(log.messages, ["GET /ready/ 500 db failed: Error: x"]);
  });
});

describe("the status page", () => {
  const page = (path: string) =>
    path === "/" || path === "/ready"
      ? () => Promise.resolve(new Response(`page at ${path}`, { headers: { "X-Page": "1" } }))
      : undefined;

  test("is where nothing else is", async () => {
    const { ask } = server({ page });
    assertEquals(await (await ask("/")).text(), "page at /");
    assertEquals(await (await ask("/ready")).text(), "db failed: Error: x\n");
    assertEquals((await ask("/other")).status, 404);
    assertStringIncludes(await (await ask("/other")).text(), "there are /, /startup");
    assertEquals((await server().ask("/")).status, 404);
  });

  test("is there where the handler is not", async () => {
    const { ask } = server({ page, inPlaceOfHandler: true });
    assertEquals((await ask("/")).status, 200);
    assertEquals((await ask("/other")).status, 503);
  });

  test("is for reading", async () => {
    const { ask } = server({ page });
    const head = await ask("/", { method: "HEAD" });
    assertEquals([head.status, head.headers.get("x-page"), await head.text()], [200, "1", ""]);
    assertEquals(head.headers.get("content-length"), String("page at /".length));
    const post = await ask("/", { method: "POST" });
    assertEquals([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  });

  test("has events without an end, for which HEAD does not wait", async () => {
    let cancelled = 0;
    const headers = { "Content-Type": "text/event-stream" };
    const events = () =>
      Promise.resolve(
        new Response(new ReadableStream({ cancel: () => void cancelled++ }), { headers }),
      );
    const head = await server({ page: () => events }).ask("/", { method: "HEAD" });
    assertEquals([head.status, await head.text(), cancelled], [200, "", 1]);
    assertEquals(head.headers.get("content-length"), null);
  });
});
