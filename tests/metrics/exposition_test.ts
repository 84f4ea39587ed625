import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { customMetricsSchema, type PromMetric } from "../../src/metrics/custom.ts";
import { exposition, type MetricsInput } from "../../src/metrics/exposition.ts";
import {
  bodySizeBounds,
  durationBounds,
  emptySnapshot,
  RequestCounters,
} from "../../src/metrics/requests.ts";
import { type Family, type Format, parseExposition, valueOf } from "../support/prometheus.ts";
import { metricsInput } from "./input.ts";

const openMetrics = "application/openmetrics-text;version=1.0.0";

/** Scrapes in both formats; what holds for one must hold for the other. */
async function scrape(
  changes: Partial<MetricsInput> = {},
  format: Format = "prometheus",
): Promise<Map<string, Family>> {
  const accept = format === "openmetrics" ? openMetrics : undefined;
  return parseExposition((await exposition(metricsInput(changes), accept)).body, format);
}

/** One worker's metrics, as they come out of its process. */
async function worker(register: (registers: Registry[]) => void): Promise<PromMetric[]> {
  const registry = new Registry();
  register([registry]);
  return customMetricsSchema.parse(JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())));
}

function gaugeWorker(name: string, value: number): Promise<PromMetric[]> {
  return worker((registers) => new Gauge({ name, help: "Help.", registers }).set(value));
}

describe("Hurricane's own metrics", () => {
  test("have the promised names, types, labels and values", async () => {
    const families = await scrape();
    const seen = [...families.values()].map(({ name, type, samples }) => [
      name,
      type,
      ...new Set(samples.flatMap((sample) => Object.keys(sample.labels)).filter((l) => l !== "le")),
    ]);
    assertEquals(seen, [
      [
        "http_server_request_duration_seconds",
        "histogram",
        "http_request_method",
        "http_response_status_code",
      ],
      ["http_server_active_requests", "gauge"],
      ["http_server_response_body_size_bytes", "histogram"],
      ["hurricane_request_queue_length", "gauge"],
      ["hurricane_request_queue_limit", "gauge"],
      ["hurricane_startup_duration_seconds", "gauge"],
      ["hurricane_command_duration_seconds", "gauge", "command"],
      ["hurricane_probe_healthy", "gauge", "probe"],
      ["hurricane_webhook_deliveries_total", "counter", "type", "outcome"],
      ["hurricane_worker_restarts_total", "counter", "reason"],
      ["hurricane_event_loop_delay_seconds", "gauge"],
      ["hurricane_info", "gauge", "version", "runtime"],
      ["process_cpu_user_seconds_total", "counter"],
      ["process_cpu_system_seconds_total", "counter"],
      ["process_cpu_seconds_total", "counter"],
      ["process_resident_memory_bytes", "gauge"],
      ["process_virtual_memory_bytes", "gauge"],
      ["process_start_time_seconds", "gauge"],
      ["process_open_fds", "gauge"],
      ["process_max_fds", "gauge"],
    ]);
    const values: Array<[string, Record<string, string>, number]> = [
      ["http_server_active_requests", {}, 3],
      ["hurricane_request_queue_length", {}, 5],
      ["hurricane_request_queue_limit", {}, 10],
      ["hurricane_startup_duration_seconds", {}, 0.412],
      ["hurricane_command_duration_seconds", { command: "./migrate.ts" }, 1.5],
      ["hurricane_probe_healthy", { probe: "startup" }, 1],
      ["hurricane_probe_healthy", { probe: "readiness" }, 0],
      ["hurricane_webhook_deliveries_total", { type: "startup", outcome: "delivered" }, 1],
      ["hurricane_webhook_deliveries_total", { type: "readiness", outcome: "failed" }, 0],
      ["hurricane_worker_restarts_total", { reason: "crash" }, 2],
      ["hurricane_event_loop_delay_seconds", {}, 0.001],
      ["hurricane_info", { version: "0.1.0", runtime: "bun 1.2.3" }, 1],
      ["process_cpu_user_seconds_total", {}, 1.25],
      ["process_cpu_system_seconds_total", {}, 0.5],
      ["process_cpu_seconds_total", {}, 1.75],
      ["process_resident_memory_bytes", {}, 1e8],
      ["process_virtual_memory_bytes", {}, 2e8],
      ["process_start_time_seconds", {}, 1700000000.5],
      ["process_open_fds", {}, 20],
      ["process_max_fds", {}, 1024],
    ];
    for (const [name, labels, value] of values) {
      assertEquals(valueOf(families, name, labels), value, name);
    }
    assertEquals(valueOf(families, "hurricane_probe_healthy", { probe: "liveness" }), undefined);
  });

  test("what is not known is not there", async () => {
    const families = await scrape({
      startupSeconds: undefined,
      commandSeconds: [],
      probeHealthy: { startup: undefined },
      webhookDeliveries: [],
      workerRestarts: [],
      requests: emptySnapshot(),
      process: { cpuUserSeconds: 0, cpuSystemSeconds: 0, residentBytes: 1 },
    });
    assertEquals([...families.keys()], [
      "http_server_active_requests",
      "http_server_response_body_size_bytes",
      "hurricane_request_queue_length",
      "hurricane_request_queue_limit",
      "hurricane_event_loop_delay_seconds",
      "hurricane_info",
      "process_cpu_user_seconds_total",
      "process_cpu_system_seconds_total",
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
    ]);
  });

  test("a command is told by its first word, numbered where that comes again", async () => {
    const commands = [
      "./migrate.ts --token secret",
      "'./my seed.ts' --token=secret",
      "./migrate.ts other secret",
      "./migrate.ts",
    ];
    const families = await scrape({
      commandSeconds: commands.map((command, index) => ({ command, seconds: index })),
    });
    const samples = families.get("hurricane_command_duration_seconds")?.samples;
    assertEquals(samples?.map(({ labels, value }) => [labels["command"], value]), [
      ["./migrate.ts", 0],
      ["./my seed.ts", 1],
      ["./migrate.ts#2", 2],
      ["./migrate.ts#3", 3],
    ]);
    assertFalse(JSON.stringify([...families]).includes("secret"));
  });

  test("deliveries with the same labels are one series", async () => {
    const delivery = { type: "startup", outcome: "delivered", count: 2 };
    const families = await scrape({ webhookDeliveries: [delivery, { ...delivery, count: 3 }] });
    const { type, outcome } = delivery;
    assertEquals(valueOf(families, "hurricane_webhook_deliveries_total", { type, outcome }), 5);
  });

  test("histograms are what a naive model counts", async () => {
    const requests = fc.array(
      fc.record({
        method: fc.constantFrom("GET", "POST"),
        status: fc.constantFrom(200, 500),
        seconds: fc.oneof(
          fc.constantFrom(...durationBounds),
          fc.double({ min: 0, max: 20, noNaN: true }),
        ),
        bytes: fc.nat(1e9),
      }),
      { minLength: 1 },
    );
    const formats = fc.constantFrom<Format>("prometheus", "openmetrics");
    await fc.assert(
      fc.asyncProperty(requests, formats, async (requests, format) => {
        const counters = new RequestCounters();
        for (const { method, status, seconds, bytes } of requests) {
          counters.record(method, status, seconds);
          counters.recordBodySize(bytes);
        }
        // Reading checks that the buckets rise and end in the count.
        const families = await scrape({ requests: counters.snapshot() }, format);
        const bounded = (family: string, bounds: readonly number[], labels: object) =>
          families.get(family)!.samples
            .filter((sample) => sample.name === `${family}_bucket`)
            .filter(({ labels: { le: _, ...rest } }) =>
              Object.entries(labels).every(([name, value]) => rest[name] === value)
            )
            .map((sample, index) => {
              assertEquals(Number(sample.labels["le"]), bounds[index] ?? NaN);
              return sample.value;
            });
        const upTo = (bounds: readonly number[], values: number[]) =>
          [...bounds, Infinity].map((bound) => values.filter((value) => value <= bound).length);
        for (const { method, status } of requests) {
          const labels = { http_request_method: method, http_response_status_code: `${status}` };
          const values = requests.filter((r) => r.method === method && r.status === status)
            .map((r) => r.seconds);
          const name = "http_server_request_duration_seconds";
          assertEquals(bounded(name, durationBounds, labels), upTo(durationBounds, values));
          assertEquals(valueOf(families, `${name}_count`, labels), values.length);
          assertEquals(valueOf(families, `${name}_sum`, labels), values.reduce((a, b) => a + b, 0));
        }
        const name = "http_server_response_body_size_bytes";
        const sizes = requests.map((r) => r.bytes);
        assertEquals(bounded(name, bodySizeBounds, {}), upTo(bodySizeBounds, sizes));
        assertEquals(valueOf(families, `${name}_sum`), sizes.reduce((a, b) => a + b, 0));
      }),
      { numRuns: 50 },
    );
  });

  test("whatever a label holds can be read again", async () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({
        unit: fc.constantFrom('"', "\\", "\n", "\r", "{", "}", ",", "=", " ", "#", "n"),
      }),
    ).filter((text) => text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (runtime, outcome) => {
        const webhookDeliveries = [{ type: "startup", outcome, count: 4 }];
        for (const format of ["prometheus", "openmetrics"] as const) {
          const families = await scrape({ runtime, webhookDeliveries }, format);
          assertEquals(valueOf(families, "hurricane_info", { version: "0.1.0", runtime }), 1);
          const labels = { type: "startup", outcome };
          assertEquals(valueOf(families, "hurricane_webhook_deliveries_total", labels), 4);
        }
      }),
    );
  });
});

describe("the handler's metrics", () => {
  test("are summed over workers, whatever their type", async () => {
    const custom = await Promise.all([1, 2].map((n) =>
      worker((registers) => {
        const labelNames = ["kind"];
        const jobs = new Counter({ name: "jobs_total", help: "Jobs.", labelNames, registers });
        jobs.inc({ kind: "mail" }, n);
        jobs.inc({ kind: `only in ${n}` }, n);
        new Gauge({ name: "depth", help: "Depth.", registers }).set(10 * n);
        new Histogram({ name: "work_seconds", help: "Work.", buckets: [0.5, 1], registers })
          .observe(n - 0.25);
        new Summary({ name: "wait_seconds", help: "Wait.", percentiles: [0.5], registers }).observe(
          n,
        );
      })
    ));
    const series: Array<[string, Record<string, string>, number]> = [
      ["jobs_total", { kind: "mail" }, 3],
      ["jobs_total", { kind: "only in 1" }, 1],
      ["jobs_total", { kind: "only in 2" }, 2],
      ["depth", {}, 30],
      ["work_seconds_sum", {}, 2.5],
      ["work_seconds_count", {}, 2],
      ["wait_seconds_sum", {}, 3],
      ["wait_seconds_count", {}, 2],
    ];
    for (const format of ["prometheus", "openmetrics"] as const) {
      const families = await scrape({ custom }, format);
      for (const [name, labels, value] of series) {
        assertEquals(valueOf(families, name, labels), value, name);
      }
      assertEquals(
        families.get("work_seconds")?.samples.slice(0, 3).map((sample) => sample.value),
        [0, 1, 2],
      );
    }
  });

  const aggregated = { sum: 9, min: 1, max: 5, average: 3, first: 5, omit: undefined };
  for (const [aggregator, expected] of Object.entries(aggregated)) {
    test(`with the aggregator ${aggregator} give ${expected}`, async () => {
      const custom = (await Promise.all([5, 3, 1].map((n) => gaugeWorker("level", n))))
        .map((metrics) => customMetricsSchema.parse([{ ...metrics[0], aggregator }]));
      assertEquals(valueOf(await scrape({ custom }), "level"), expected);
    });
  }

  test("give way to Hurricane's of the same name", async () => {
    const custom = [
      await worker((registers) => {
        new Gauge({ name: "hurricane_request_queue_length", help: "Mine.", registers }).set(99);
        new Counter({ name: "process_cpu_seconds_total", help: "Mine.", registers }).inc(99);
        new Gauge({ name: "hurricane_startup_duration_seconds", help: "Mine.", registers }).set(99);
        new Gauge({ name: "mine", help: "Mine.", registers }).set(99);
      }),
    ];
    for (const format of ["prometheus", "openmetrics"] as const) {
      const families = await scrape({ custom, startupSeconds: undefined }, format);
      assertEquals(valueOf(families, "hurricane_request_queue_length"), 5);
      assertEquals(valueOf(families, "process_cpu_seconds_total"), 1.75);
      assertEquals(valueOf(families, "hurricane_startup_duration_seconds"), undefined);
      assertEquals(valueOf(families, "mine"), 99);
    }
  });

  test("a worker that measures something else under a name does not spoil the others", async () => {
    const counter = worker((registers) =>
      new Counter({ name: "other_type", help: "Counter.", registers }).inc(100)
    );
    const custom = await Promise.all([
      gaugeWorker("other_type", 1),
      counter,
      gaugeWorker("other_type", 2),
    ]);
    assertEquals(valueOf(await scrape({ custom }), "other_type"), 3);
  });

  test("a metric that was never observed costs nothing", async () => {
    const custom = [
      await worker((registers) =>
        new Histogram({ name: "never_seconds", help: "Never.", labelNames: ["a"], registers })
      ),
      await worker((registers) =>
        new Histogram({ name: "never_seconds", help: "Never.", labelNames: ["a"], registers })
          .observe({ a: "b" }, 1)
      ),
    ];
    assertEquals(valueOf(await scrape({ custom }), "never_seconds_count", { a: "b" }), 1);
  });

  test("a series is called the same in both formats", async () => {
    const custom = [
      await worker((registers) => {
        new Counter({ name: "plain", help: 'Without "total".', registers }).inc(1);
        new Counter({ name: "good_total", help: "Good.", registers }).inc(2);
        new Counter({ name: "taken_total", help: "Taken.", registers }).inc(3);
        new Gauge({ name: "taken", help: "Taken.", registers }).set(4);
      }),
    ];
    const series = (families: Map<string, Family>) =>
      [...families.values()].flatMap(({ samples }) =>
        samples.map(({ name, labels: { le, ...labels }, value }) =>
          JSON.stringify([name, labels, Number(le), value])
        )
      ).sort();
    const families = await scrape({ custom }, "openmetrics");
    assertEquals(series(families), series(await scrape({ custom })));
    assertEquals(
      ["plain", "good", "taken_total", "taken"].map((name) => families.get(name)?.type),
      ["unknown", "counter", "unknown", "gauge"],
    );
  });

  test("whatever they are, the scrape can be read", async () => {
    const names = fc.constantFrom("a", "a_total", "a_sum", "h", "h_sum", "h_total", "up");
    const text = fc.string({ unit: fc.constantFrom('"', "\\", "\n", ",", ":", "x", "y") });
    const metric = fc.record({
      name: names,
      help: text,
      type: fc.constantFrom("counter", "gauge"),
      aggregator: fc.constantFrom("sum", "sum", "first", "average"),
      values: fc.array(
        fc.record({
          value: fc.nat(),
          labels: fc.record({ x: text, y: text }, { requiredKeys: [] }),
        }),
        { maxLength: 3 },
      ),
    });
    const histogram = names.map((name) => ({
      name,
      help: "",
      type: "histogram",
      values: [
        { metricName: `${name}_bucket`, labels: { le: 1 }, value: 1 },
        { metricName: `${name}_bucket`, labels: { le: "+Inf" }, value: 1 },
        { metricName: `${name}_sum`, labels: {}, value: 1 },
        { metricName: `${name}_count`, labels: {}, value: 1 },
      ],
    }));
    const metrics = fc.array(fc.oneof(metric, metric, histogram, fc.jsonValue()));
    const workers = fc.array(metrics, { maxLength: 3 });
    await fc.assert(fc.asyncProperty(workers, async (workers) => {
      const custom = workers.map((metrics) => customMetricsSchema.parse(metrics));
      for (const format of ["prometheus", "openmetrics"] as const) {
        const families = await scrape({ custom }, format);
        assertEquals(valueOf(families, "http_server_active_requests"), 3);
      }
    }));
  });
});

describe("the format", () => {
  const text = "text/plain; version=0.0.4; charset=utf-8";
  const open = "application/openmetrics-text; version=1.0.0; charset=utf-8";
  const accepted: Array<[string | undefined, string]> = [
    [undefined, text],
    ["", text],
    ["*/*", text],
    ["text/html,application/xhtml+xml,*/*;q=0.8", text],
    ["application/json", text],
    ["application/openmetrics-text", open],
    ["Application/OpenMetrics-Text; Version=1.0.0", open],
    ["application/openmetrics-text;q=0", text],
    ["application/openmetrics-text;q=0.5, text/plain;q=0.9", text],
    ["text/plain;q=0.5, application/openmetrics-text;q=0.9", open],
    ["application/openmetrics-text;version=2.0.0", text],
    ["application/openmetrics-text;version=0.0.1", text],
    ["application/openmetrics-text;version=2.0.0, text/plain;version=0.0.4;q=0.5", text],
    ["*/*;q=0.1, application/openmetrics-text;q=0.2", open],
    // What Prometheus 2 and 3 send.
    [
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      open,
    ],
    [
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5," +
      "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3," +
      "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
      open,
    ],
    ["text/plain;version=1.0.0;q=0.9, application/openmetrics-text;q=0.3", open],
  ];
  for (const [accept, expected] of accepted) {
    test(`for ${JSON.stringify(accept)} is ${expected.split(";")[0]}`, async () => {
      const { contentType, body } = await exposition(metricsInput(), accept);
      assertEquals(contentType, expected);
      assertEquals(body.endsWith("\n# EOF\n"), expected === open);
    });
  }

  test("of OpenMetrics names counters without _total and bounds as floats", async () => {
    const { body } = await exposition(metricsInput(), openMetrics);
    assertStringIncludes(body, "\n# TYPE hurricane_worker_restarts counter\n");
    assertStringIncludes(body, '\nhurricane_worker_restarts_total{reason="crash"} 2\n');
    for (const bound of ["0.005", "1.0", "7.5", "10.0", "100.0", "100000.0", "1e+06", "1e+07"]) {
      assertStringIncludes(body, `le="${bound}"`);
    }
    assert((await exposition(metricsInput(), undefined)).body.includes('le="1"'));
  });
});
