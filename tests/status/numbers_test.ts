import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { bytes, duration, rounded } from "../../src/status/format.ts";
import { linePath, niceCeiling, plotHeight, plotWidth } from "../../src/status/plot.ts";
import { quantile } from "../../src/status/quantile.ts";

describe("quantile", () => {
  const bounds = [1, 2, 4];

  test("is not known where nothing was observed", () => {
    assertEquals(quantile([0, 0, 0, 0], bounds, 0.5), undefined);
  });

  test("lies inside its bucket, as far as its share of that reaches", () => {
    assertEquals(quantile([0, 4, 0, 0], bounds, 0.5), 1.5);
    assertEquals(quantile([4, 0, 0, 0], bounds, 0.25), 0.25);
    assertEquals(quantile([1, 0, 1, 0], bounds, 0.75), 3);
    assertEquals(quantile([1, 0, 1, 0], bounds, 0.5), 1);
  });

  test("is the highest bound where it lies above all", () => {
    assertEquals(quantile([0, 0, 0, 3], bounds, 0.5), 4);
    assertEquals(quantile([1, 0, 0, 1], bounds, 0.99), 4);
  });

  test("does not go down as its share goes up", () => {
    const counts = fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(fc.property(counts, share, share, (buckets, a, b) => {
      const [low = 0, high = 0] = [Math.min(a, b), Math.max(a, b)].map((share) =>
        quantile(buckets, bounds, share)
      );
      return low <= high;
    }));
  });
});

describe("the scale of a plot", () => {
  test("is a 1, 2 or 5 with zeros, and not below what it is to hold", () => {
    const scales = [0, 3, 11, 20, 21, 50.1, 999, 1000].map((value) => niceCeiling(value, 10));
    assertEquals(scales, [10, 10, 20, 20, 50, 100, 1000, 1000]);
    assertEquals([0.3, 0.011].map((value) => niceCeiling(value, 0.01)), [0.5, 0.02]);
  });

  test("holds whatever is a number", () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (value) => {
      const scale = niceCeiling(value, 1);
      return scale >= value * (1 - 1e-9) && scale <= Math.max(1, 2.5 * value * (1 + 1e-9));
    }));
  });
});

describe("the path of a line", () => {
  test("ends at the right edge, the greatest at the top", () => {
    assertEquals(linePath([0, 10, 5], 3, 10), `M0 ${plotHeight}L300 0L${plotWidth} 50`);
    assertEquals(linePath([10], 3, 10), `M${plotWidth} 0h1`);
    assertEquals(linePath([], 3, 10), "");
  });

  test("has gaps where nothing is known", () => {
    assertEquals(linePath([5, undefined, 10, 0], 4, 10), "M0 50h1M400 0L600 100");
  });

  test("is short where nothing happens", () => {
    assertEquals(linePath([0, 0, 0, 0, 5, 5, 5], 7, 10), "M0 100L300 100L400 50L600 50");
  });

  test("stays inside", () => {
    const values = fc.array(
      fc.option(fc.double({ min: 0, max: 50, noNaN: true }), { nil: undefined }),
      {
        maxLength: 20,
      },
    );
    fc.assert(fc.property(values, (values) => {
      const path = linePath(values, 20, 10);
      const points = [...path.matchAll(/[ML](-?\d+) (-?\d+)/g)];
      for (const [, x, y] of points) {
        assert(Number(x) >= 0 && Number(x) <= plotWidth, path);
        assert(Number(y) >= 0 && Number(y) <= plotHeight, path);
      }
      assertEquals(points.length > 0, values.some((value) => value !== undefined));
    }));
  });
});

describe("numbers for people", () => {
  test("durations", () => {
    const seconds = [0, 0.00034, 0.0025, 0.12, 1.5, 42, 90, 7200, 200_000];
    assertEquals(seconds.map(duration), [
      ...["0 ms", "340 µs", "2.5 ms", "120 ms", "1.5 s", "42 s", "1 min", "2 h", "2 days"],
    ]);
  });

  test("sizes and rates", () => {
    assertEquals([bytes(512 * 1024), bytes(87 * 2 ** 20)], ["512kb", "87mb"]);
    assertEquals([0, 0.04, 0.25, 3.14, 12.6, 1234].map(rounded), [
      ...["0", "0.04", "0.3", "3.1", "13", "1234"],
    ]);
  });
});
