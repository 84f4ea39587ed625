import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { durationBounds } from "../../src/metrics/layout.ts";
import { requestSnapshot } from "../../src/metrics/snapshot.ts";
import { keptSamples, Samples, type Totals, totalsOf } from "../../src/status/samples.ts";

function totals(requests: number, more: Partial<Totals> = {}): Totals {
  const durations = new Array<number>(durationBounds.length + 1).fill(0);
  durations[0] = requests;
  return { requests, failed: 0, shed: 0, durations, ...more };
}

/** A reading at a second. */
function reading(second: number, counted: Totals | undefined) {
  const at = second * 1000;
  return {
    time: at,
    at,
    totals: counted,
    handler: second,
    kernel: undefined,
    loopDelay: 0.001,
    memory: 5,
  };
}

describe("totalsOf", () => {
  test("adds up what all methods and statuses have", () => {
    const buckets = (...counts: number[]) => [
      ...counts,
      ...new Array<number>(durationBounds.length + 1 - counts.length).fill(0),
    ];
    const { durations, ...rest } = totalsOf({
      ...requestSnapshot.empty(),
      durations: [
        { method: "GET", status: 200, buckets: buckets(3, 1), sum: 1 },
        { method: "POST", status: 503, buckets: buckets(0, 2), sum: 1 },
        { method: "POST", status: 499, buckets: buckets(1), sum: 1 },
      ],
      shed: { inflight: 2, wait: 5 },
    });
    assertEquals(rest, { requests: 7, failed: 2, shed: 7 });
    assertEquals(durations.slice(0, 3), [4, 3, 0]);
  });
});

describe("samples", () => {
  test("are rates between two readings, however far apart", () => {
    const samples = new Samples();
    samples.add(reading(0, totals(100)));
    assertEquals(samples.all, []);
    samples.add(reading(1, totals(110)));
    samples.add(reading(3, totals(150, { failed: 4, shed: 2 })));
    const [first, second] = samples.all;
    assertEquals([first?.requests, second?.requests], [10, 20]);
    assertEquals([second?.failed, second?.shed, second?.handler], [2, 1, 3]);
  });

  test("have the latencies of the last ten seconds", () => {
    const samples = new Samples();
    const fast = totals(0);
    samples.add(reading(0, fast));
    const durations = [...fast.durations];
    durations[durationBounds.length] = 5;
    samples.add(reading(1, totals(5, { durations })));
    assertEquals(samples.all.at(-1)?.p50, durationBounds.at(-1));
    for (let second = 2; second <= 10; second++) {
      samples.add(reading(second, totals(5, { durations })));
    }
    assertEquals(samples.all.at(-1)?.p99, durationBounds.at(-1));
    samples.add(reading(11, totals(5, { durations })));
    assertEquals(samples.all.at(-1)?.p99, undefined);
  });

  test("know nothing of requests that are not counted", () => {
    const samples = new Samples();
    samples.add(reading(0, undefined));
    samples.add(reading(1, undefined));
    const { requests, failed, shed, p50, handler } = samples.all[0]!;
    assertEquals([requests, failed, shed, p50, handler], [
      ...[undefined, undefined, undefined, undefined, 1],
    ]);
  });

  test("are those of the last minutes", () => {
    const samples = new Samples();
    for (let second = 0; second < 2 * keptSamples; second++) {
      samples.add(reading(second, totals(0)));
    }
    assertEquals([samples.all.length, samples.all.at(-1)?.time], [
      ...[keptSamples, (2 * keptSamples - 1) * 1000],
    ]);
  });
});
