import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { bodySizeBounds, durationBounds, requestMethods } from "../../src/metrics/layout.ts";
import { RequestCounters } from "../../src/metrics/requests.ts";
import { type RequestSnapshot, requestSnapshot } from "../../src/metrics/snapshot.ts";

type Answer = [method: string, status: number, seconds: number];

const answers = fc.array(
  fc.tuple(
    fc.constantFrom("GET", "POST", "QUERY", "get", "PROPFIND", "_OTHER", "__proto__", ""),
    fc.constantFrom(100, 200, 404, 500, 599),
    fc.oneof(fc.constantFrom(...durationBounds), fc.double({ min: 0, max: 20, noNaN: true })),
  ) satisfies fc.Arbitrary<Answer>,
);

function counted(answers: Answer[], sizes: number[] = [], shed = 0): RequestCounters {
  const counters = new RequestCounters();
  for (let n = 0; n < shed; n++) counters.recordShed("wait");
  for (const answer of answers) counters.record(...answer);
  for (const size of sizes) counters.recordBodySize(size);
  return counters;
}

/** How many values each bucket holds, counted the slow way. */
function naiveBuckets(bounds: readonly number[], values: number[]): number[] {
  const lower = [-Infinity, ...bounds];
  return [...bounds, Infinity].map((bound, index) =>
    values.filter((value) => value <= bound && value > lower[index]!).length
  );
}

function total(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function sorted(snapshot: RequestSnapshot): RequestSnapshot {
  const key = (row: { method: string; status: number }) => `${row.method} ${row.status}`;
  return {
    ...snapshot,
    durations: snapshot.durations.toSorted((a, b) => key(a) < key(b) ? -1 : 1),
  };
}

describe("RequestCounters", () => {
  test("starts with nothing", () => {
    assertEquals(new RequestCounters().snapshot(), requestSnapshot.empty());
    assertEquals(new RequestCounters().inFlight, 0);
  });

  test("counts each value in the bucket that a naive model says, and sums them", () => {
    fc.assert(fc.property(answers, (answers) => {
      const { durations } = counted(answers).snapshot();
      const methods: readonly string[] = requestMethods;
      for (const { method, status, buckets, sum } of durations) {
        const values = answers
          .filter((answer) => (methods.includes(answer[0]) ? answer[0] : "_OTHER") === method)
          .filter((answer) => answer[1] === status)
          .map((answer) => answer[2]);
        assertEquals(buckets, naiveBuckets(durationBounds, values));
        assertEquals(sum, total(values));
      }
      assertEquals(total(durations.flatMap((row) => row.buckets)), answers.length);
    }));
  });

  test("counts body sizes likewise", () => {
    const sizes = fc.array(fc.oneof(fc.constantFrom(0, ...bodySizeBounds), fc.nat(1e9)));
    fc.assert(fc.property(sizes, (sizes) => {
      assertEquals(counted([], sizes).snapshot().bodySizes, {
        buckets: naiveBuckets(bodySizeBounds, sizes),
        sum: total(sizes),
      });
    }));
  });

  test("a bound belongs to its bucket, as le says", () => {
    const { durations } = counted([["GET", 200, 0.005], ["GET", 200, 0.0050001]]).snapshot();
    assertEquals(durations[0]?.buckets.slice(0, 3), [1, 1, 0]);
  });

  test("keeps its rows over a million requests", () => {
    const counters = new RequestCounters();
    for (let n = 0; n < 1e6; n++) {
      counters.record(n % 2 === 0 ? "GET" : `X${n}`, n % 4 < 2 ? 200 : 500, 0.001);
    }
    const { durations } = counters.snapshot();
    assertEquals(
      durations.map(({ method, status, buckets }) => [method, status, buckets[0]]),
      [["GET", 200, 250000], ["GET", 500, 250000], ["_OTHER", 200, 250000], [
        "_OTHER",
        500,
        250000,
      ]],
    );
  });

  for (const method of ["get", "PROPFIND", "", "__proto__", "constructor", "GET ", "_OTHER"]) {
    test(`the method ${JSON.stringify(method)} is _OTHER`, () => {
      assertEquals(counted([[method, 200, 1]]).snapshot().durations[0]?.method, "_OTHER");
    });
  }

  test("a known method keeps its name", () => {
    for (const method of requestMethods) {
      assertEquals(counted([[method, 200, 1]]).snapshot().durations[0]?.method, method);
    }
  });

  for (const status of [0, 99, 600, -1, 1e9, 200.5, NaN, Infinity, -Infinity]) {
    test(`a status of ${status} has no row and makes none`, () => {
      const counters = counted([["GET", status, 1]]);
      assertEquals(counters.snapshot(), requestSnapshot.empty());
      assertEquals(counters.revision, new RequestCounters().revision);
      counters.record("GET", 200, 1);
      assertEquals(counters.snapshot().durations.map((row) => row.status), [200]);
    });
  }

  test("the first and the last status have rows", () => {
    const { durations } = counted([["GET", 599, 1], ["GET", 100, 1]]).snapshot();
    assertEquals(durations.map((row) => row.status), [100, 599]);
  });

  for (const value of [-1, NaN, Infinity, -Infinity]) {
    test(`a value of ${value} spoils no sum`, () => {
      const counters = counted([["GET", 200, 1]], [5]);
      const before = counters.snapshot();
      counters.record("GET", 200, value);
      counters.recordBodySize(value);
      assertEquals(counters.snapshot(), before);
    });
  }

  test("the revision changes with an observation and with nothing else", () => {
    const counters = new RequestCounters();
    const seen = [counters.revision];
    counters.record("GET", 200, 1);
    seen.push(counters.revision);
    counters.recordBodySize(1);
    seen.push(counters.revision);
    counters.recordShed("wait");
    seen.push(counters.revision);
    assertEquals(new Set(seen).size, 4);
    counters.inFlight++;
    counters.snapshot();
    assertEquals(counters.revision, seen[3]);
  });

  test("counts what was refused", () => {
    const counters = new RequestCounters();
    for (let n = 0; n < 3; n++) counters.recordShed("wait");
    assertEquals(counters.snapshot(), {
      ...requestSnapshot.empty(),
      shed: { inflight: 0, wait: 3 },
    });
  });

  test("a snapshot does not change any more", () => {
    const counters = counted([["GET", 200, 1]], [5]);
    const snapshot = counters.snapshot();
    const copy = structuredClone(snapshot);
    counters.record("GET", 200, 1);
    counters.recordBodySize(1);
    assertEquals(snapshot, copy);
    assertNotEquals(counters.snapshot(), copy);
  });
});

describe("requestSnapshot.schema", () => {
  const sample = counted([["GET", 200, 0.25], ["PATCH", 404, 30]], [0, 1e9]).snapshot();

  test("takes what JSON makes of a snapshot", () => {
    assertEquals(requestSnapshot.schema.parse(JSON.parse(JSON.stringify(sample))), sample);
  });

  const broken: Record<string, (snapshot: RequestSnapshot) => void> = {
    "a negative count": (snapshot) => snapshot.durations[0]!.buckets[3] = -1,
    "half a count": (snapshot) => snapshot.durations[0]!.buckets[3] = 0.5,
    "a count that is no number": (snapshot) => snapshot.durations[0]!.buckets[3] = NaN,
    "an infinite sum": (snapshot) => snapshot.durations[0]!.sum = Infinity,
    "a negative sum": (snapshot) => snapshot.bodySizes.sum = -1,
    "a bucket too many": (snapshot) => snapshot.durations[0]!.buckets.push(0),
    "a bucket too few": (snapshot) => snapshot.bodySizes.buckets.pop(),
    "a status of 600": (snapshot) => snapshot.durations[0]!.status = 600,
    "an unknown method": (snapshot) => Object.assign(snapshot.durations[0]!, { method: "X" }),
    "a negative number of refused requests": (snapshot) => snapshot.shed.wait = -1,
    "no number of refused requests": (snapshot) => Object.assign(snapshot, { shed: undefined }),
    "no durations": (snapshot) => Object.assign(snapshot, { durations: undefined }),
  };
  for (const [what, spoil] of Object.entries(broken)) {
    test(`refuses ${what}`, () => {
      const spoilt = structuredClone(sample);
      spoil(spoilt);
      assertFalse(requestSnapshot.schema.safeParse(spoilt).success);
      assert(requestSnapshot.schema.safeParse(sample).success);
    });
  }
});

describe("requestSnapshot.add", () => {
  // Whole numbers, so that the order in which a sum is made does not show.
  const whole = fc.tuple(
    answers.map((list) => list.map(([m, s, n]): Answer => [m, s, Math.round(n)])),
    fc.array(fc.nat(1e9)),
    fc.nat(100),
  );

  test("gives what one process would have counted", () => {
    fc.assert(fc.property(whole, whole, ([answersA, sizesA, shedA], [answersB, sizesB, shedB]) => {
      const a = counted(answersA, sizesA, shedA).snapshot();
      const b = counted(answersB, sizesB, shedB).snapshot();
      const before = structuredClone([a, b]);
      const [answers, sizes] = [[...answersA, ...answersB], [...sizesA, ...sizesB]];
      const both = counted(answers, sizes, shedA + shedB).snapshot();
      assertEquals(sorted(requestSnapshot.add(a, b)), sorted(both));
      assertEquals([a, b], before);
    }));
  });

  test("an empty snapshot adds nothing", () => {
    fc.assert(fc.property(whole, ([answers, sizes, shed]) => {
      const snapshot = counted(answers, sizes, shed).snapshot();
      assertEquals(requestSnapshot.add(requestSnapshot.empty(), snapshot), snapshot);
      assertEquals(requestSnapshot.add(snapshot, requestSnapshot.empty()), snapshot);
    }));
  });

  test("shares nothing with what it was made of", () => {
    const snapshot = counted([["GET", 200, 1]]).snapshot();
    const sum = requestSnapshot.add(requestSnapshot.empty(), snapshot);
    sum.durations[0]!.buckets[0] = 99;
    assertEquals(snapshot, counted([["GET", 200, 1]]).snapshot());
  });
});
