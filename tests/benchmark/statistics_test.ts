import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { pairedRatios, quantile, spread } from "../../scripts/benchmark/statistics.ts";

describe("quantile", () => {
  test("is the middle, the ends, or between two neighbours", () => {
    assertEquals(quantile([3, 1, 2], 0.5), 2);
    assertEquals([quantile([3, 1, 2], 0), quantile([3, 1, 2], 1)], [1, 3]);
    assertEquals(quantile([1, 2], 0.25), 1.25);
  });

  test("of nothing is not a number", () => {
    assert(Number.isNaN(quantile([], 0.5)));
  });
});

describe("spread", () => {
  test("is the median and the quartiles", () => {
    assertEquals(spread([9, 1, 3, 4, 8]), { median: 4, lower: 3, upper: 8 });
  });

  test("of nothing is none", () => {
    assertEquals(spread([]), undefined);
  });
});

describe("pairedRatios", () => {
  test("pairs what was measured in the same round, and leaves out what was not", () => {
    assertEquals(pairedRatios([2, undefined, 9, 4], [4, 1, 3]), [0.5, 3]);
  });
});
