import { describe, test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import type { Family as Metric } from "../../src/metrics/family.ts";
import { type Family, valueOf } from "../support/prometheus.ts";
import { collected } from "./collected.ts";
import { exposed, metricsInput, scrape } from "./input.ts";

/** One worker's metrics, as they come out of its process. */
async function worker(register: (registers: Registry[]) => void): Promise<Metric[]> {
  const registry = new Registry();
  register([registry]);
  return await collected(await registry.getMetricsAsJSON());
}

function gaugeWorker(name: string, value: number): Promise<Metric[]> {
  return worker((registers) => new Gauge({ name, help: "Help.", registers }).set(value));
}

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
        .map(([level]) => [{ ...level!, aggregator: aggregator as Metric["aggregator"] }]);
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
      assertEquals(valueOf(families, "hurricane_request_queue_length", { part: "handler" }), 3);
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
      const custom = await Promise.all(workers.map(collected));
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
      const { contentType, body } = await exposed(metricsInput(), accept);
      assertEquals(contentType, expected);
      assertEquals(body.endsWith("\n# EOF\n"), expected === open);
    });
  }

  test("of OpenMetrics names counters without _total and bounds as floats", async () => {
    const { body } = await exposed(metricsInput(), "application/openmetrics-text");
    assertStringIncludes(body, "\n# TYPE hurricane_worker_restarts counter\n");
    assertStringIncludes(body, '\nhurricane_worker_restarts_total{reason="crash"} 2\n');
    for (const bound of ["0.005", "1.0", "7.5", "10.0", "100.0", "100000.0", "1e+06", "1e+07"]) {
      assertStringIncludes(body, `le="${bound}"`);
    }
    assert((await exposed(metricsInput(), undefined)).body.includes('le="1"'));
  });
});
