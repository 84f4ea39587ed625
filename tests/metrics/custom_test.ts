import { afterEach, beforeEach, describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { customMetricsSchema, type PromMetric, withoutClashes } from "../../src/metrics/custom.ts";
import { CapturedLog } from "../support/captured_log.ts";

/** What `prom-client` 14.2.0 gives, byte for byte. */
const fromVersion14 =
  '[{"help":"Jobs.","name":"jobs_total","type":"counter","values":[{"value":3,"labels":{"kind":"mail"}}],"aggregator":"sum"},' +
  '{"help":"Depth.","name":"depth","type":"gauge","values":[{"value":4.5,"labels":{}}],"aggregator":"max"},' +
  '{"name":"work_seconds","help":"Work.","type":"histogram","values":[{"labels":{"le":0.1,"kind":"mail"},"value":0,"metricName":"work_seconds_bucket"},{"labels":{"le":1,"kind":"mail"},"value":1,"metricName":"work_seconds_bucket"},{"labels":{"le":"+Inf","kind":"mail"},"value":1,"metricName":"work_seconds_bucket"},{"labels":{"kind":"mail"},"value":0.5,"metricName":"work_seconds_sum"},{"labels":{"kind":"mail"},"value":1,"metricName":"work_seconds_count"}],"aggregator":"sum"},' +
  '{"name":"wait_seconds","help":"Wait.","type":"summary","values":[{"labels":{"quantile":0.5},"value":2},{"metricName":"wait_seconds_sum","labels":{},"value":2},{"metricName":"wait_seconds_count","labels":{},"value":1}],"aggregator":"sum"}]';

/** The same metrics from the version that is installed. */
async function fromInstalledVersion(): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ["kind"];
  new Counter({ name: "jobs_total", help: "Jobs.", labelNames, registers }).inc(
    { kind: "mail" },
    3,
  );
  new Gauge({ name: "depth", help: "Depth.", aggregator: "max", registers }).set(4.5);
  new Histogram({ name: "work_seconds", help: "Work.", labelNames, buckets: [0.1, 1], registers })
    .observe({ kind: "mail" }, 0.5);
  new Summary({ name: "wait_seconds", help: "Wait.", percentiles: [0.5], registers }).observe(2);
  return JSON.stringify(await registry.getMetricsAsJSON());
}

const expected: PromMetric[] = [
  {
    name: "jobs_total",
    help: "Jobs.",
    type: "counter",
    aggregator: "sum",
    values: [{ value: 3, labels: { kind: "mail" } }],
  },
  {
    name: "depth",
    help: "Depth.",
    type: "gauge",
    aggregator: "max",
    values: [{ value: 4.5, labels: {} }],
  },
  {
    name: "work_seconds",
    help: "Work.",
    type: "histogram",
    aggregator: "sum",
    values: [
      { metricName: "work_seconds_bucket", labels: { le: "0.1", kind: "mail" }, value: 0 },
      { metricName: "work_seconds_bucket", labels: { le: "1", kind: "mail" }, value: 1 },
      { metricName: "work_seconds_bucket", labels: { le: "+Inf", kind: "mail" }, value: 1 },
      { metricName: "work_seconds_sum", labels: { kind: "mail" }, value: 0.5 },
      { metricName: "work_seconds_count", labels: { kind: "mail" }, value: 1 },
    ],
  },
  {
    name: "wait_seconds",
    help: "Wait.",
    type: "summary",
    aggregator: "sum",
    values: [
      { labels: { quantile: "0.5" }, value: 2 },
      { metricName: "wait_seconds_sum", labels: {}, value: 2 },
      { metricName: "wait_seconds_count", labels: {}, value: 1 },
    ],
  },
];

function gauge(name: string, ...samples: Array<{ value: unknown; labels?: unknown }>) {
  const values = samples.length === 0 ? [{ value: 1, labels: {} }] : samples;
  return { name, help: "Help.", type: "gauge", aggregator: "sum", values };
}

function read(metrics: unknown): PromMetric[] {
  return customMetricsSchema.parse(metrics);
}

let log: CapturedLog;

beforeEach(() => {
  log = new CapturedLog();
});
afterEach(() => log[Symbol.dispose]());

describe("customMetricsSchema", () => {
  test("reads what prom-client 14 gives", () => {
    assertEquals(read(JSON.parse(fromVersion14)), expected);
  });

  test("reads what the installed prom-client gives, through JSON or not", async () => {
    assertEquals(read(JSON.parse(await fromInstalledVersion())), expected);
  });

  test("what it has read it reads again", () => {
    assertEquals(read(expected), expected);
  });

  test("label values become text", () => {
    const labels = { a: 1, b: true, c: null, d: "x" };
    assertEquals(read([gauge("depth", { value: 1, labels })])[0]?.values[0]?.labels, {
      a: "1",
      b: "true",
      c: "null",
      d: "x",
    });
  });

  for (const value of [null, undefined, NaN, Infinity, "5", {}]) {
    test(`a sample whose value is ${JSON.stringify(value)} (${value}) is left out`, () => {
      const good = { value: 7, labels: { a: "b" } };
      assertEquals(read([gauge("depth", { value, labels: {} }, good)])[0]?.values, [good]);
    });
  }

  test("a metric without aggregator, help or labels has the usual ones", () => {
    assertEquals(read([{ name: "depth", type: "gauge", values: [{ value: 1 }] }]), [
      {
        name: "depth",
        help: "",
        type: "gauge",
        aggregator: "sum",
        values: [{ value: 1, labels: {} }],
      },
    ]);
  });

  const histogram = { ...gauge("h"), type: "histogram" };
  const broken: Record<string, unknown> = {
    "is no object": 5,
    "is null": null,
    "has no name": { ...gauge("x"), name: undefined },
    "has a name with a space": gauge("a b"),
    "has a name with a line feed": gauge("a\nb 1"),
    "has the name of what every object has": gauge("constructor"),
    "is called __proto__": gauge("__proto__"),
    "has an unknown type": { ...gauge("unknown_type"), type: "teapot" },
    "has an unknown aggregator": { ...gauge("unknown_aggregator"), aggregator: "median" },
    "has no values": { ...gauge("no_values"), values: undefined },
    "has a label name that is none": gauge("label_name", { value: 1, labels: { 'a="b",c': "d" } }),
    "has a label that is an object": gauge("label_value", { value: 1, labels: { a: {} } }),
    "has samples of another name": {
      ...gauge("other_name"),
      values: [{ metricName: "up", value: 1, labels: {} }],
    },
    "is a histogram with a sample of its own name": histogram,
  };
  for (const [what, metric] of Object.entries(broken)) {
    test(`a metric that ${what} is left out, the others stay`, () => {
      const names = read([gauge("before"), metric, gauge("after")]).map(({ name }) => name);
      assertEquals(names, ["before", "after"]);
    });
  }

  for (const metrics of [undefined, null, "metrics", {}, 7]) {
    test(`${JSON.stringify(metrics)} is no metrics`, () => {
      assertEquals(read(metrics), []);
    });
  }

  test("tells once what it leaves out, and why", () => {
    for (let n = 0; n < 3; n++) read([gauge("told once")]);
    assertEquals(log.records.length, 1);
    assertEquals(log.records[0]?.level, "warn");
    assertEquals(log.records[0]?.properties["name"], "told once");
    assertStringIncludes(String(log.records[0]?.properties["reason"]), "at name");
  });

  test("never fails", () => {
    fc.assert(fc.property(fc.oneof(fc.anything(), fc.array(fc.anything())), (metrics) => {
      read(metrics);
    }));
  });
});

describe("withoutClashes", () => {
  const own = read([gauge("up"), { ...expected[2], name: "request_seconds", values: [] }]);

  function kept(...custom: unknown[][]): string[][] {
    return withoutClashes(own, custom.map(read)).map((metrics) => metrics.map(({ name }) => name));
  }

  test("other names stay, in every worker", () => {
    assertEquals(kept([gauge("a"), gauge("b")], [gauge("b"), gauge("a")]), [["a", "b"], [
      "b",
      "a",
    ]]);
  });

  test("Hurricane's names are taken, also those of samples", () => {
    assertEquals(
      kept([gauge("up"), gauge("request_seconds"), gauge("request_seconds_bucket"), gauge("a")]),
      [["a"]],
    );
    const summary = { ...gauge("request"), type: "summary" };
    assertEquals(kept([{ ...summary, name: "request_seconds" }, summary]), [["request"]]);
  });

  test("the name of another metric's sample is taken", () => {
    assertEquals(kept([expected[2]!, gauge("work_seconds_sum")]), [["work_seconds"]]);
    assertEquals(kept([gauge("work_seconds_sum")], [expected[2]!]), [["work_seconds_sum"], []]);
  });

  test("a worker with another type or other buckets is left out of that metric", () => {
    const counter = { ...gauge("depth"), type: "counter" };
    assertEquals(kept([gauge("depth")], [counter, gauge("a")]), [["depth"], ["a"]]);
    const buckets = structuredClone(expected[2]!);
    buckets.values[1]!.labels["le"] = "2";
    assertEquals(kept([expected[2]!], [buckets], [expected[2]!]), [
      ["work_seconds"],
      [],
      ["work_seconds"],
    ]);
  });

  test("a gauge may have whatever labels, also one called le", () => {
    assertEquals(
      kept([gauge("a", { value: 1, labels: { le: "1" } })], [
        gauge("a", { value: 1, labels: { le: "2" } }),
      ]),
      [["a"], ["a"]],
    );
  });

  test("tells of it once, but not of process metrics", () => {
    const process = gauge("process_open_fds");
    for (let n = 0; n < 2; n++) {
      withoutClashes(read([gauge("clash"), process]), [read([gauge("clash"), process])]);
    }
    assertEquals(log.records.map((record) => record.properties["name"]), ["clash"]);
    assertStringIncludes(String(log.records[0]?.properties["reason"]), "Hurricane");
  });
});
