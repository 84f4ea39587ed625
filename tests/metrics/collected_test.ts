import { describe, test } from "node:test";
import { assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { CollectedMetrics } from "../../src/metrics/collected.ts";
import type { MetricPart } from "../../src/metrics/part.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { lookups } from "./lookups.ts";

const part = (name: string, from: number, count: number): MetricPart => ({
  name,
  type: "gauge",
  shapes: [[name, "n"]],
  rows: Array.from({ length: count }, (_, n) => [0, from + n, `${from + n}`]).flat(),
});

describe("what one process gives of its metrics", () => {
  test("is put together from its parts", () => {
    const collected = new CollectedMetrics();
    for (const text of [part("a", 0, 2), part("b", 0, 1), part("a", 2, 1)]) collected.add(text);
    const values = collected.metrics.map(({ name, samples }) => [
      name,
      [...samples].map(([, value]) => value),
    ]);
    assertEquals(values, [["a", [0, 1, 2]], ["b", [0]]]);
  });

  test("is not looked up where it comes as before", async () => {
    const before = new CollectedMetrics();
    const first = await lookups("a", () => before.add(part("a", 0, 500)));
    const collected = new CollectedMetrics(before.metrics);
    const again = await lookups("a", () => collected.add(part("a", 0, 500)));
    assertEquals([first > 0, again], [true, 0]);
    assertEquals(collected.metrics, before.metrics);
  });

  test("has a limit, of which the log tells once", () => {
    using log = new CapturedLog();
    const collected = new CollectedMetrics();
    for (let times = 0; times < 300; times++) {
      collected.add(part(`m${times % 3}`, times * 500, 500));
    }
    const samples = collected.metrics.reduce((sum, { samples }) => sum + samples.size, 0);
    assertEquals(samples, 100_000);
    assertEquals(log.text.match(/metrics: all after 100000 samples of a process/g)?.length, 1);
  });

  test("has a limit for what is in its samples, and for names without any", () => {
    using _log = new CapturedLog();
    const long = new CollectedMetrics();
    const help = "x".repeat(2 ** 20);
    for (let times = 0; times < 100; times++) long.add({ ...part(`a${times}`, 0, 0), help });
    assertLess(long.metrics.length, 64);
    const names = new CollectedMetrics();
    for (let n = 0; n < 100_100; n++) names.add(part(`a${n}`, 0, 0));
    assertEquals(names.metrics.length, 100_000);
  });

  test("is left out where it is no metric, whatever it is", () => {
    using _log = new CapturedLog();
    const collected = new CollectedMetrics();
    const given = fc.oneof(
      fc.anything(),
      fc.record({
        name: fc.oneof(fc.string(), fc.constant("a")),
        type: fc.constantFrom("gauge", "counter", "x"),
        shapes: fc.constant([["a"]]),
        rows: fc.oneof(fc.anything(), fc.constant([0, 1])),
      }),
    );
    fc.assert(fc.property(given, (given) => collected.add(given)));
    const before = collected.metrics.length;
    collected.add(part("last", 0, 1));
    assertLess(before, collected.metrics.length);
  });
});
