import { afterEach, beforeEach, describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { readPart } from "../../src/metrics/part.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { collected, linesOf } from "./collected.ts";

/** What `prom-client` 14.2.0 gives, byte for byte. */
const fromVersion14 =
  '[{"help":"Jobs.","name":"jobs_total","type":"counter","values":[{"value":3,"labels":{"kind":"mail"}}],"aggregator":"sum"},' +
  '{"help":"Depth.","name":"depth","type":"gauge","values":[{"value":4.5,"labels":{}}],"aggregator":"max"},' +
  '{"name":"work_seconds","help":"Work.","type":"histogram","values":[{"labels":{"le":0.1,"kind":"mail"},"value":0,"metricName":"work_seconds_bucket"},{"labels":{"le":1,"kind":"mail"},"value":1,"metricName":"work_seconds_bucket"},{"labels":{"le":"+Inf","kind":"mail"},"value":1,"metricName":"work_seconds_bucket"},{"labels":{"kind":"mail"},"value":0.5,"metricName":"work_seconds_sum"},{"labels":{"kind":"mail"},"value":1,"metricName":"work_seconds_count"}],"aggregator":"sum"},' +
  '{"name":"wait_seconds","help":"Wait.","type":"summary","values":[{"labels":{"quantile":0.5},"value":2},{"metricName":"wait_seconds_sum","labels":{},"value":2},{"metricName":"wait_seconds_count","labels":{},"value":1}],"aggregator":"sum"}]';

/** The same metrics from the version that is installed. */
async function fromInstalledVersion(): Promise<unknown[]> {
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
  return await registry.getMetricsAsJSON();
}

const expected = [
  ["jobs_total", 'jobs_total{kind="mail"} 3'],
  ["depth", "depth 4.5"],
  [
    "work_seconds",
    'work_seconds_bucket{kind="mail",le="0.1"} 0',
    'work_seconds_bucket{kind="mail",le="1"} 1',
    'work_seconds_bucket{kind="mail",le="+Inf"} 1',
    'work_seconds_sum{kind="mail"} 0.5',
    'work_seconds_count{kind="mail"} 1',
  ],
  ["wait_seconds", 'wait_seconds{quantile="0.5"} 2', "wait_seconds_sum 2", "wait_seconds_count 1"],
];

function gauge(name: string, ...samples: Array<{ value: unknown; labels?: unknown }>) {
  const values = samples.length === 0 ? [{ value: 1, labels: {} }] : samples;
  return { name, help: "Help.", type: "gauge", aggregator: "sum", values };
}

/** The names of the metrics that are kept, each with its samples. */
async function read(metrics: readonly unknown[]): Promise<string[][]> {
  return (await collected(metrics)).map((family) => [family.name, ...linesOf(family)]);
}

let log: CapturedLog;

beforeEach(() => {
  log = new CapturedLog();
});
afterEach(() => log[Symbol.dispose]());

describe("a worker's metrics", () => {
  test("of prom-client 14 are read", async () => {
    assertEquals(await read(JSON.parse(fromVersion14)), expected);
  });

  test("of the installed prom-client are read, through JSON or not", async () => {
    const given = await fromInstalledVersion();
    assertEquals(await read(given), expected);
    assertEquals(await read(JSON.parse(JSON.stringify(given))), expected);
    const families = await collected(given);
    assertEquals(families.map(({ help }) => help), ["Jobs.", "Depth.", "Work.", "Wait."]);
    assertEquals(families.map(({ aggregator }) => aggregator), ["sum", "max", "sum", "sum"]);
    assertEquals([...families[2]!.bounds], ["0.1", "1", "+Inf"]);
  });

  test("have label values as text, written as the format wants it", async () => {
    const labels = { d: 'a "b"\\\n', c: null, b: true, a: 1, none: undefined };
    assertEquals(await read([gauge("depth", { value: 1, labels })]), [
      ["depth", 'depth{a="1",b="true",c="null",d="a \\"b\\"\\\\\\n"} 1'],
    ]);
  });

  test("are the same series whatever the order of the labels", async () => {
    const samples = [{ a: 1, b: 2 }, { b: 2, a: 1 }].map((labels) => ({ value: 3, labels }));
    assertEquals(await read([gauge("depth", ...samples)]), [["depth", 'depth{a="1",b="2"} 6']]);
  });

  for (const value of [null, undefined, NaN, Infinity, "5", {}]) {
    test(`lack a sample whose value is ${JSON.stringify(value)} (${value})`, async () => {
      const good = { value: 7, labels: { a: "b" } };
      const found = await read([gauge("depth", { value, labels: {} }, good)]);
      assertEquals(found, [["depth", 'depth{a="b"} 7']]);
    });
  }

  test("without aggregator, help or labels have the usual ones", async () => {
    const [family] = await collected([{ name: "depth", type: "gauge", values: [{ value: 1 }] }]);
    assertEquals([family?.help, family?.aggregator], ["", "sum"]);
    assertEquals(linesOf(family!), ["depth 1"]);
  });

  const histogram = { ...gauge("h"), type: "histogram" };
  const broken: Record<string, unknown> = {
    "is no object": 5,
    "is null": null,
    "has no name": { ...gauge("x"), name: undefined },
    "has a name with a space": gauge("a b"),
    "has a name with a line feed": gauge("a\nb 1"),
    "has an unknown type": { ...gauge("unknown_type"), type: "teapot" },
    "has an unknown aggregator": { ...gauge("unknown_aggregator"), aggregator: "median" },
    "has no values": { ...gauge("no_values"), values: undefined },
    "has a label name that is none": gauge("label_name", { value: 1, labels: { 'a="b",c': "d" } }),
    "has a label that cannot be text": gauge("label_value", {
      value: 1,
      labels: { a: Object.create(null) },
    }),
    "has samples of another name": {
      ...gauge("other_name"),
      values: [{ metricName: "up", value: 1, labels: {} }],
    },
    "is a histogram with a sample of its own name": histogram,
  };
  for (const [what, metric] of Object.entries(broken)) {
    test(`lack one that ${what}, and no other`, async () => {
      const names = (await read([gauge("before"), metric, gauge("after")])).map(([name]) => name);
      assertEquals(names, ["before", "after"]);
    });
  }

  for (const name of ["constructor", "__proto__"]) {
    test(`may be called ${name}`, async () => {
      assertEquals(await read([gauge(name)]), [[name, `${name} 1`]]);
    });
  }

  test("of which some are left out are told of once, with the reason", async () => {
    for (let n = 0; n < 3; n++) await read([gauge("told once")]);
    assertEquals(log.records.length, 1);
    assertEquals(log.records[0]?.level, "warn");
    assertEquals(log.records[0]?.properties["name"], "told once");
    assertStringIncludes(String(log.records[0]?.properties["reason"]), "at name");
  });
});

describe("a part", () => {
  const part = { name: "a", help: "A.", type: "gauge", aggregator: "sum" };
  const shapes = [["a", "x"], ["a"]];

  test("is read", () => {
    const { series, values } = readPart({ ...part, shapes, rows: [0, 3, "y", 1, 4] }) ?? {};
    assertEquals([series, values], [['a{x="y"}', "a"], [3, 4]]);
  });

  const odd: Record<string, unknown> = {
    "has a shape that is not there": { shapes, rows: [2, 1] },
    "has a shape that is no number": { shapes, rows: ["length", 1] },
    "has a value that is no number": { shapes, rows: [1, "1"] },
    "has a number that is not finite": { shapes, rows: [1, Infinity] },
    "ends within a sample": { shapes, rows: [0, 1] },
    "has a label that is no text": { shapes, rows: [0, 1, 7] },
    "has no list of rows": { shapes, rows: { length: 2 } },
    "has a label twice": { shapes: [["a", "x", "x"]], rows: [0, 1, "y", "z"] },
    "has labels in another order": { shapes: [["a", "y", "x"]], rows: [0, 1, "y", "z"] },
    "has a label called __name__": { shapes: [["a", "__name__"]], rows: [0, 1, "up"] },
    "has a shape without a name": { shapes: [[]], rows: [0, 1] },
  };
  for (const [what, rest] of Object.entries(odd)) {
    test(`that ${what} is refused`, () => {
      assertEquals(readPart({ ...part, ...rest as object }), undefined);
    });
  }

  test("may be anything", () => {
    const rows = fc.array(fc.oneof(fc.nat({ max: 3 }), fc.string(), fc.anything()));
    const like = fc.record({
      name: fc.constantFrom("a", "b c"),
      type: fc.constantFrom("gauge", "histogram"),
      shapes: fc.oneof(fc.constant(shapes), fc.array(fc.array(fc.string()))),
      rows,
    });
    fc.assert(fc.property(fc.oneof(fc.anything(), like), (given) => void readPart(given)));
  });
});
