import { afterEach, beforeEach, describe, test } from "node:test";
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { Counter, register } from "prom-client";
import { handlerFrom } from "../../src/app/handler.ts";
import type { AppOptions } from "../../src/app/options.ts";
import { RequestQueue } from "../../src/probes/queue.ts";
import { restartReasons } from "../../src/supervisor/workers/life.ts";
import { LocalApp } from "../../src/supervisor/process/local_app.ts";
import { Scrape, type ScrapedService } from "../../src/supervisor/scrape.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { request } from "../support/http.ts";
import { parseExposition, type Sample } from "../support/prometheus.ts";
import { appOptions } from "../support/workers.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

let apps: LocalApp[];
beforeEach(() => void (apps = []));
afterEach(async () => {
  await Promise.all(apps.map((app) => app.stop(0)));
  register.clear();
});

/** A worker that has answered a number of requests. */
async function worker(
  answers = 0,
  handler: object = () => new Response("x"),
  options: Partial<AppOptions> = {},
): Promise<LocalApp> {
  const given = { ...appOptions, ...options };
  const app = new LocalApp(handlerFrom("it", { default: handler }), given);
  await app.listen(0);
  apps.push(app);
  for (let count = 0; count < answers; count++) {
    await request(`http://127.0.0.1:${app.address.port}/`);
  }
  return app;
}

function scraped(workers: LocalApp[] = [], webhookUrl: string[] = []) {
  const service: Mutable<ScrapedService> = {
    workers,
    retiring: [],
    startupSeconds: undefined,
    probeHealthy: {},
    checkHealthy: [],
    webhooksPending: undefined,
  };
  const scrape = new Scrape(service, new RequestQueue(), { reqQueueLen: 7, webhookUrl });
  /** The samples whose name ends so: labels and value. */
  const samples = async (name: string): Promise<string[]> => {
    const families = parseExposition(
      new TextDecoder().decode((await scrape.expose(undefined)).body),
    );
    const all: Sample[] = [...families.values()].flatMap((family) => family.samples);
    return all.filter((sample) => sample.name === name).map(({ labels, value }) =>
      `${Object.values(labels).join(" ")} ${value}`.trim()
    );
  };
  return { service, scrape, samples };
}

const count = "http_server_request_duration_seconds_count";

describe("Scrape", () => {
  test("counts over all workers, and what is gone stays counted", async () => {
    const [first, second] = [await worker(2), await worker(3)];
    const { service, scrape, samples } = scraped([first, second]);
    assertEquals(await samples(count), ["GET 200 5"]);
    service.workers = [second];
    scrape.retire(first);
    assertEquals(await samples(count), ["GET 200 5"]);
    service.workers = [second, await worker(1)];
    assertEquals(await samples(count), ["GET 200 6"]);
  });

  test("counts what was refused, and what a worker that is gone has refused", async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Response>();
    const handler = () => (asked.resolve(), gate.promise);
    const first = await worker(0, handler, { maxInflight: 1 });
    const url = `http://127.0.0.1:${first.address.port}/`;
    const held = request(url);
    await asked.promise;
    assertEquals((await request(url)).status, 503);
    const { service, scrape, samples } = scraped([first, await worker(1)]);
    const shed = "hurricane_requests_shed_total";
    assertEquals([await samples(shed), await samples(count)], [["inflight 1", "wait 0"], [
      "GET 503 1",
      "GET 200 1",
    ]]);
    service.workers = [];
    scrape.retire(first);
    assertEquals(await samples(shed), ["inflight 1", "wait 0"]);
    gate.resolve(new Response("x"));
    await held;
  });

  test("shows what is in flight, and the queue and its limit", async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Response>();
    const app = await worker(0, () => (asked.resolve(), gate.promise));
    const { samples } = scraped([app]);
    const answered = request(`http://127.0.0.1:${app.address.port}/`);
    await asked.promise;
    assertEquals(await samples("http_server_active_requests"), ["1"]);
    assertEquals(await samples("hurricane_request_queue_length"), ["handler 1", "kernel 0"]);
    assertEquals(await samples("hurricane_request_queue_limit"), ["7"]);
    gate.resolve(new Response("x"));
    await answered;
    assertEquals(await samples("http_server_active_requests"), ["0"]);
  });

  test("shows the start once it is over", async () => {
    const { service, samples } = scraped();
    assertEquals(await samples("hurricane_startup_duration_seconds"), []);
    Object.assign(service, {
      startupSeconds: 0.25,
      probeHealthy: { startup: true, readiness: false },
    });
    assertEquals(await samples("hurricane_startup_duration_seconds"), ["0.25"]);
    assertEquals(await samples("hurricane_probe_healthy"), ["startup 1", "readiness 0"]);
  });

  test("shows the commands in their order", async () => {
    const { scrape, samples } = scraped();
    scrape.commandEnded("migrate", 1500);
    scrape.commandEnded("migrate", 250);
    assertEquals(await samples("hurricane_command_duration_seconds"), [
      "migrate 1.5",
      "migrate#2 0.25",
    ]);
  });

  test("shows how long the command has run that runs", async () => {
    const { scrape, samples } = scraped();
    scrape.commandEnded("migrate", 1500);
    scrape.commandBegan("seed");
    const seconds = async (): Promise<number> => {
      const [first, second = ""] = await samples("hurricane_command_duration_seconds");
      assertEquals(first, "migrate 1.5");
      const [name, value] = second.split(" ");
      assertEquals(name, "seed");
      return Number(value);
    };
    const before = await seconds();
    assertGreater(await seconds(), before);
    scrape.commandEnded("seed", 250);
    assertEquals((await samples("hurricane_command_duration_seconds"))[1], "seed 0.25");
  });

  test("shows what the handler's own checks say, and how many webhooks wait", async () => {
    const { service, samples } = scraped();
    assertEquals(await samples("hurricane_webhooks_pending"), []);
    service.checkHealthy = [{ probe: "readiness", check: "database", healthy: false }];
    service.webhooksPending = 3;
    assertEquals(await samples("hurricane_check_healthy"), ["readiness database 0"]);
    assertEquals(await samples("hurricane_webhooks_pending"), ["3"]);
  });

  test("has restarts at 0 from the start", async () => {
    const { scrape, samples } = scraped();
    const all = restartReasons.map((reason) => `${reason} 0`);
    assertEquals(await samples("hurricane_worker_restarts_total"), all);
    scrape.workerRestarted("memory");
    const one = all.map((line) => line.replace("memory 0", "memory 1"));
    assertEquals(await samples("hurricane_worker_restarts_total"), one);
  });

  test("has deliveries at 0 from the start where webhooks go somewhere", async () => {
    assertEquals(await scraped().samples("hurricane_webhook_deliveries_total"), []);
    const { scrape, samples } = scraped([], ["http://ops/"]);
    const deliveries = () => samples("hurricane_webhook_deliveries_total");
    assertEquals((await deliveries()).length, 9);
    assertEquals((await deliveries()).every((sample) => sample.endsWith(" 0")), true);
    scrape.webhookEnded("readiness", "failed");
    scrape.webhookEnded("readiness", "failed");
    assertEquals((await deliveries()).filter((sample) => !sample.endsWith(" 0")), [
      "readiness failed 2",
    ]);
  });

  test("says what runs, and what of the system it takes", async () => {
    const { samples } = scraped([await worker()]);
    const [info = ""] = await samples("hurricane_info");
    assertEquals(/^\d+\.\d+\.\d+\S* (bun|deno) \d+\.\d+\.\d+\S* 1$/.test(info), true, info);
    assertGreater(Number((await samples("process_resident_memory_bytes"))[0]), 1e6);
  });

  test("has what the handler registered, also when its worker is gone", async () => {
    new Counter({ name: "jobs_total", help: "Jobs." }).inc(3);
    const app = await worker();
    const { service, scrape, samples } = scraped([app]);
    assertEquals(await samples("jobs_total"), ["3"]);
    service.workers = [];
    scrape.retire(app);
    register.clear();
    assertEquals(await samples("jobs_total"), ["3"]);
  });

  test("lets what a worker said last of its own metrics stand when it does not answer, and says so", async () => {
    new Counter({ name: "jobs_total", help: "Jobs." }).inc(3);
    using log = new CapturedLog();
    const app = await worker();
    const { scrape, samples } = scraped([app]);
    await samples("jobs_total");
    const waits: number[] = [];
    const fails = (
      timeout: number,
    ) => (waits.push(timeout), Promise.resolve({ error: "too late" }));
    Object.assign(app, { handlerMetrics: fails });
    assertEquals(await samples("jobs_total"), ["3"]);
    assertStringIncludes(
      log.text,
      `process ${app.pid}: too late; the scrape shows those of the one before`,
    );
    // Prometheus' default, what it says itself, and what cannot be meant.
    for (const said of ["5", "0.5", "1e9", "0", "x"]) await scrape.expose(undefined, said);
    assertEquals(waits, [8000, 4000, 400, 48_000, 8000, 8000]);
    // Once a minute is enough.
    assertEquals(log.messages.filter((message) => message.includes("too late")).length, 1);
  });

  test("says nothing of the metrics that cannot be read of a handler that has none", async () => {
    using log = new CapturedLog();
    const app = await worker();
    const { samples } = scraped([app]);
    await samples(count);
    Object.assign(app, { handlerMetrics: () => Promise.resolve({ error: "too late" }) });
    await samples(count);
    assertEquals(log.messages.filter((message) => message.includes("too late")), []);
  });

  test("shows how late a silent worker is, which cannot say so itself", async () => {
    const app = await worker();
    Object.assign(app, { silence: 5200 });
    assertEquals(await scraped([app]).samples("hurricane_event_loop_delay_seconds"), ["5"]);
  });

  test("answers in the format that is asked for", async () => {
    const { scrape } = scraped();
    const { contentType, body } = await scrape.expose("application/openmetrics-text");
    assertEquals(contentType.split(";")[0], "application/openmetrics-text");
    parseExposition(new TextDecoder().decode(body), "openmetrics");
  });
});
