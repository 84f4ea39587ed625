import { describe, test } from "node:test";
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { combine, type Family } from "../../src/metrics/family.ts";
import { type Merged, merged } from "../../src/metrics/merged.ts";
import { retireMetrics } from "../../src/metrics/retired.ts";
import { Samples } from "../../src/metrics/samples.ts";
import { Turns } from "../../src/turns.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { parseExposition } from "../support/prometheus.ts";
import { linesOf } from "./collected.ts";
import { exposed, metricsInput } from "./input.ts";

function metric(name: string, type: Family["type"], series: [string, number][]): Family {
  const samples = new Samples();
  for (const [one, value] of series) samples.add(one, value, combine.sum);
  return { name, help: "It.", type, aggregator: "sum", samples, bounds: new Set() };
}

/** A counter with so many series, from the first one on. */
const counter = (name: string, series: number, first = 0): Family =>
  metric(
    name,
    "counter",
    Array.from({ length: series }, (_, n) => [`${name}{n="${n + first}"}`, n + first]),
  );

/** A histogram of two buckets with so many series. */
const histogram = (name: string, series: number): Family =>
  metric(
    name,
    "histogram",
    Array.from({ length: series }, (_, n): [string, number][] => [
      [`${name}_bucket{le="1",n="${n}"}`, n],
      [`${name}_bucket{le="+Inf",n="${n}"}`, n],
      [`${name}_sum{n="${n}"}`, n],
      [`${name}_count{n="${n}"}`, n],
    ]).flat(),
  );

/** Counts how often others could have had their turn. */
class CountedTurns extends Turns {
  count = 0;

  override pass(): Promise<void> {
    this.count++;
    return super.pass();
  }
}

async function all(sets: Family[][], turns = new CountedTurns()): Promise<Merged[]> {
  return await Array.fromAsync(merged(sets, turns));
}

describe("the metrics of several processes", () => {
  test("are those of the one, where there is one", async () => {
    const sets = [[counter("a", 3), counter("b", 4)], [counter("c", 3)]];
    const expected = sets.flat().map((family) => ({ family, several: false }));
    assertEquals(await all(sets), expected);
    assertEquals(await all([[], []]), []);
  });

  test("are added up, and those of the processes stay as they are", async () => {
    const sets = [[counter("a", 3)], [counter("a", 3, 1)]];
    const [found] = await all(sets);
    assertEquals(found?.several, true);
    assertEquals(linesOf(found!.family), [
      ...['a{n="0"} 0', 'a{n="1"} 2', 'a{n="2"} 4', 'a{n="3"} 3'],
    ]);
    assertEquals(sets, [[counter("a", 3)], [counter("a", 3, 1)]]);
  });

  test("are averages where they are to be, of those that have a value", async () => {
    const sets = [counter("a", 2, 1), counter("a", 1, 2)]
      .map((family) => [{ ...family, aggregator: "average" as const }]);
    const [found] = await all([...sets, [{ ...counter("a", 1, 1), aggregator: "average" }]]);
    assertEquals(linesOf(found!.family), ['a{n="1"} 1', 'a{n="2"} 2']);
  });

  test("leave others their turn, however many series one of them has", async () => {
    const turns = new CountedTurns();
    const [found] = await all([[counter("a", 10_000)], [counter("a", 10_000)]], turns);
    assertEquals(found?.family.samples.size, 10_000);
    assertGreater(turns.count, 20_000 / 500);
  });
});

test("series have their place, however many there are", () => {
  const samples = new Samples();
  const series = Array.from({ length: 5000 }, (_, n) => `a{n="${n}"}`);
  for (const times of [1, 2]) {
    for (const [n, one] of series.entries()) samples.add(one, n * times, combine.max);
  }
  assertEquals([...samples], series.map((one, n) => [one, 2 * n]));
  assertEquals([samples.size, samples.get('a{n="4999"}'), samples.get("a")], [
    5000,
    9998,
    undefined,
  ]);
});

describe("an exposition of many samples", () => {
  for (const accept of [undefined, "application/openmetrics-text"] as const) {
    test(`has all of them added up, each metric once (${accept})`, async () => {
      const custom = [
        [counter("jobs_total", 3000), histogram("wait", 500), counter("few_total", 2)],
        [counter("jobs_total", 2000, 1000), histogram("wait", 500)],
      ];
      const { body } = await exposed(metricsInput({ custom }), accept);
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
  assertEquals(before.map(({ samples }) => samples.size).sort(), [1, 60_000]);
  const after = await retireMetrics(before, [counter("jobs_total", 60_000, 60_000)]);
  assertLess(after.reduce((sum, { samples }) => sum + samples.size, 0), 100_001);
  assertEquals(log.text.match(/the totals of replaced processes are left out from/g)?.length, 1);
});
