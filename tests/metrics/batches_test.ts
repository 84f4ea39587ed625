import { describe, test } from "node:test";
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { type Batch, batches } from "../../src/metrics/batches.ts";
import type { PromMetric, PromSample } from "../../src/metrics/custom.ts";
import { exposition } from "../../src/metrics/exposition.ts";
import { retireMetrics } from "../../src/metrics/retired.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { parseExposition } from "../support/prometheus.ts";
import { metricsInput } from "./input.ts";

function metric(name: string, type: PromMetric["type"], values: PromSample[]): PromMetric {
  return { name, help: "It.", type, aggregator: "sum", values };
}

/** A counter with so many series, from the first one on. */
const counter = (name: string, series: number, first = 0): PromMetric =>
  metric(
    name,
    "counter",
    Array.from({ length: series }, (_, n) => ({ labels: { n: `${n + first}` }, value: n + first })),
  );

/** A histogram of two buckets with so many series. */
const histogram = (name: string, series: number): PromMetric =>
  metric(
    name,
    "histogram",
    Array.from({ length: series }, (_, n): PromSample[] => [
      { metricName: `${name}_bucket`, labels: { le: "1", n: `${n}` }, value: n },
      { metricName: `${name}_bucket`, labels: { le: "+Inf", n: `${n}` }, value: n },
      { metricName: `${name}_sum`, labels: { n: `${n}` }, value: n },
      { metricName: `${name}_count`, labels: { n: `${n}` }, value: n },
    ]).flat(),
  );

async function all(sets: PromMetric[][]): Promise<Batch[]> {
  return await Array.fromAsync(batches(sets));
}

const samplesOf = ({ sets }: Batch): PromSample[] => sets.flat().flatMap(({ values }) => values);

describe("batches", () => {
  test("of few metrics are one, with its lists as they were", async () => {
    const sets = [[counter("a", 3), counter("b", 4)], [counter("a", 3)]];
    assertEquals(await all(sets), [{ sets, goesOn: false, single: false }]);
    assertEquals(await all([]), []);
    assertEquals(await all([[], []]), []);
  });

  test("of many metrics are several, in which each metric is whole", async () => {
    const metrics = Array.from({ length: 50 }, (_, n) => counter(`m${n}`, 100));
    const got = await all([metrics, metrics]);
    assertGreater(got.length, 5);
    assertEquals(got.flatMap(({ sets: [first] }) => first), metrics);
    assertEquals(got.flatMap(({ sets: [, second] }) => second), metrics);
    assert(got.every(({ goesOn }) => !goesOn));
  });

  test("of a large metric have each series in one of them, with those of all processes", async () => {
    const got = await all([[histogram("h", 3000)], [histogram("h", 2000)]]);
    assertGreater(got.length, 10);
    assertEquals(got.map(({ goesOn }) => goesOn), got.map((_, index) => index > 0));
    for (const batch of got) assertLess(samplesOf(batch).length, 3000);
    const places = new Map<string, Set<number>>();
    got.forEach((batch, index) => {
      for (const { labels } of samplesOf(batch)) {
        const series = labels["n"] ?? "";
        places.set(series, (places.get(series) ?? new Set()).add(index));
      }
    });
    assertEquals([places.size, [...places.values()].every(({ size }) => size === 1)], [3000, true]);
    assertEquals(got.reduce((sum, batch) => sum + samplesOf(batch).length, 0), 5000 * 4);
  });
});

test("a large metric of one process stays in its order", async () => {
  const got = await all([[counter("few", 2)], [counter("many", 2500)]]);
  const many = got.filter(({ single }) => single);
  assertEquals(many.map(({ goesOn }) => goesOn), [false, true, true]);
  assertEquals(many.flatMap(samplesOf), counter("many", 2500).values);
  assertEquals(got.length, many.length + 1);
});

describe("an exposition of many samples", () => {
  for (const accept of [undefined, "application/openmetrics-text"] as const) {
    test(`has all of them added up, each metric once (${accept})`, async () => {
      const custom = [
        [counter("jobs_total", 3000), histogram("wait", 500), counter("few_total", 2)],
        [counter("jobs_total", 2000, 1000), histogram("wait", 500)],
      ];
      const { body } = await exposition(metricsInput({ custom }), accept);
      const found = accept === undefined
        ? parseExposition(body)
        : parseExposition(body, "openmetrics");
      const jobs = found.get(accept === undefined ? "jobs_total" : "jobs");
      assertEquals(jobs?.samples.length, 3000);
      for (const { labels, value } of jobs?.samples ?? []) {
        const n = Number(labels["n"]);
        assertEquals(value, n < 1000 ? n : 2 * n);
      }
      const wait = found.get("wait");
      assertEquals([wait?.samples.length, wait?.samples[0]?.name], [2000, "wait_bucket"]);
      assertEquals(body.match(/^# TYPE jobs/gm)?.length, 1);
      assertEquals(body.match(/^# EOF$/gm)?.length, accept === undefined ? undefined : 1);
    });
  }
});

test("the totals of processes that are gone have a limit, of which the log tells", async () => {
  using log = new CapturedLog();
  const before = await retireMetrics([], [counter("jobs_total", 60_000), counter("a_total", 1)]);
  assertEquals(before.map(({ values }) => values.length).sort(), [1, 60_000]);
  const after = await retireMetrics(before, [counter("jobs_total", 60_000, 60_000)]);
  assertLess(after.reduce((sum, { values }) => sum + values.length, 0), 100_001);
  assertEquals(log.text.match(/the totals of replaced processes are left out from/g)?.length, 1);
});
