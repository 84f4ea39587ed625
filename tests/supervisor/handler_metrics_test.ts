/**
 * The handler's own metrics at the end of its process: a counter must not go down, and metrics that
 * cannot be read must not keep a process from stopping.
 */
import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { request } from "../support/http.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { parseExposition } from "../support/prometheus.ts";
import { Gauge, register } from "prom-client";
import { appOptions, RunningApp } from "../support/workers.ts";
import { handlerFrom } from "../../src/app/handler.ts";
import { LocalApp } from "../../src/supervisor/process/local_app.ts";
import { lookups } from "../metrics/lookups.ts";
import { TestService } from "./service_support.ts";

const promClient = fileURLToPath(new URL("../../node_modules/prom-client", import.meta.url));

/** A handler that counts its requests; `collect` is the body of the counter's function of that name. */
const counting = (collect: string) => `
  import { createRequire } from "node:module";
  const { Counter } = createRequire(import.meta.url)(${JSON.stringify(promClient)});
  let open = true;
  export function onShutdown() { open = false; }
  const jobs = new Counter({
    name: "jobs_total", help: "Jobs.", async collect() { ${collect} } });
  export default { fetch() { jobs.inc(); return new Response("x"); } };`;

const readsWhatCloses = `if (!open) throw new Error("the pool is closed");`;
const hangs = "await new Promise(() => {});";

/** The value of `jobs_total`, as a scrape shows it. */
async function jobs({ service }: TestService): Promise<number | undefined> {
  const { text } = await request(`${service.probeUrl}/metrics`);
  return parseExposition(text).get("jobs_total")?.samples[0]?.value;
}

describe("the handler's own counters at a replacement", () => {
  const handlers: Record<string, string> = {
    "read what onShutdown closes": readsWhatCloses,
    "can be read only once": "if (globalThis.read) throw new Error('once'); globalThis.read = 1;",
    "hang from the second reading on": `if (globalThis.read) { ${hangs} } globalThis.read = 1;`,
  };
  for (const [name, collect] of Object.entries(handlers)) {
    test(`stay as they are where they ${name}`, async () => {
      using _log = new CapturedLog();
      await using it = await TestService.process(counting(collect)).started();
      for (let times = 0; times < 5; times++) await it.get();
      assertEquals(await jobs(it), 5);
      await it.service.renew();
      assertEquals(await jobs(it), 5);
    });
  }

  test("have what was counted after the last scrape", async () => {
    using _log = new CapturedLog();
    await using it = await TestService.process(counting(readsWhatCloses)).started();
    for (let times = 0; times < 3; times++) await it.get();
    await it.service.renew();
    assertEquals(await jobs(it), 3);
  });
});

describe("series that come as before", () => {
  const readTwice = async ({ handlerMetrics }: { handlerMetrics(): Promise<unknown> }) => [
    await lookups("stock", handlerMetrics) > 0,
    await lookups("stock", handlerMetrics),
  ];

  test("from a process are not looked up", async () => {
    await using app = await RunningApp.start(`
      import { createRequire } from "node:module";
      const { Gauge } = createRequire(import.meta.url)(${JSON.stringify(promClient)});
      const stock = new Gauge({ name: "stock", help: "It.", labelNames: ["n"] });
      for (let n = 0; n < 50; n++) stock.set({ n }, n);
      export default { fetch: () => new Response("x") };`);
    const handlerMetrics = () => app.worker.handlerMetrics(60_000);
    assertEquals(await readTwice({ handlerMetrics }), [true, 0]);
  });

  test("from an embedded handler are not looked up", async () => {
    const app = new LocalApp(handlerFrom("it", { default: () => new Response("x") }), appOptions);
    const stock = new Gauge({ name: "stock", help: "It.", labelNames: ["n"] });
    for (let n = 0; n < 50; n++) stock.set({ n }, n);
    try {
      const handlerMetrics = () => app.handlerMetrics(60_000);
      assertEquals(await readTwice({ handlerMetrics }), [true, 0]);
    } finally {
      register.clear();
    }
  });
});

describe("a worker of whose own metrics one cannot be read", () => {
  for (const [name, collect] of Object.entries({ hang: hangs, throw: "throw new Error('no');" })) {
    test(`stops as asked: it would ${name}`, async () => {
      await using app = await RunningApp.start(counting(collect));
      assertEquals(await app.worker.stop(500), { cut: 0 });
      assertEquals((await app.worker.exit).reason, "exited with code 0");
      const { metrics, missing } = app.worker.lastMetrics ?? {};
      assertEquals([metrics, missing?.map(({ name }) => name)], [[], ["jobs_total"]]);
    });
  }

  test("gives the others, and the log says why", async () => {
    using log = new CapturedLog();
    await using it = await TestService.local({ default: () => new Response("x") }).started();
    const { Counter, register } = await import("prom-client");
    let fails = false;
    const collect = (): void => {
      if (fails) throw new Error("no database");
    };
    const jobs_total = new Counter({ name: "jobs_total", help: "Jobs.", collect });
    const size = new Gauge({ name: "size", help: "Size.", collect });
    jobs_total.inc(3);
    size.set(2);
    new Counter({ name: "others_total", help: "Others." }).inc(4);
    const shown = async () => {
      const { text } = await request(`${it.service.probeUrl}/metrics`);
      const found = parseExposition(text);
      const names = ["jobs_total", "size", "others_total"];
      const errors = found.get("hurricane_metrics_errors_total")?.samples ?? [];
      return [
        ...names.map((name) => found.get(name)?.samples[0]?.value),
        ...errors.map(({ labels, value }) => `${labels["metric"]} ${value}`),
      ];
    };
    try {
      assertEquals(await shown(), [3, 2, 4]);
      fails = true;
      // A counter must not fall; a gauge would be untrue.
      assertEquals(await shown(), [3, undefined, 4, "jobs_total 1", "size 1"]);
      assertEquals(await shown(), [3, undefined, 4, "jobs_total 2", "size 2"]);
      fails = false;
      assertEquals(await shown(), [3, 2, 4, "jobs_total 2", "size 2"]);
    } finally {
      register.clear();
    }
    const said = log.text.split("the handler's metric jobs_total cannot be read, and is missing");
    assertEquals(said.length, 2);
    assertStringIncludes(log.text, "Error: no database");
  });
});
