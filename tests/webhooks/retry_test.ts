import { describe, test } from "node:test";
import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import fc from "fast-check";
import { resolveOptions } from "../../src/options/resolve.ts";
import { backoff, defaultBackoffBase, isRetryable, retryAfter } from "../../src/webhooks/retry.ts";

test("isRetryable: 408, 425, 429 and every 5xx", () => {
  const retried = Array.from({ length: 400 }, (_, index) => index + 200).filter(isRetryable);
  assertEquals(retried.slice(0, 3), [408, 425, 429]);
  assertEquals(retried.slice(3), Array.from({ length: 100 }, (_, index) => index + 500));
});

test("backoff: doubles up to 30 s, of which at least half is left", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2000 }), (attempt) => {
    const full = attempt > 6 ? 30_000 : 500 * 2 ** (attempt - 1);
    const wait = backoff(attempt, 500);
    assertGreaterOrEqual(wait, full / 2);
    assertLessOrEqual(wait, full);
  }));
});

test("backoff: the pauses of the default outlast a receiver that is away for a minute", () => {
  const { webhookRetries } = resolveOptions({}, {});
  const { random } = Math;
  // The shortest that there are.
  Math.random = () => 0;
  try {
    const pauses = Array.from(
      { length: webhookRetries },
      (_, index) => backoff(index + 1, defaultBackoffBase),
    );
    assertGreater(pauses.reduce((sum, one) => sum + one, 0), 60_000);
  } finally {
    Math.random = random;
  }
});

test("backoff: differs from one pod to the next", () => {
  assertGreater(new Set(Array.from({ length: 20 }, () => backoff(6, 500))).size, 1);
});

describe("retryAfter", () => {
  test("takes seconds", () => {
    assertEquals(retryAfter("0"), 0);
    assertEquals(retryAfter("7"), 7000);
    assertEquals(retryAfter(" 7 "), 7000);
  });

  test("takes a date", () => {
    const wait = retryAfter(new Date(Date.now() + 30_000).toUTCString());
    assert(wait !== undefined);
    assertGreater(wait, 0);
    assertLessOrEqual(wait, 30_000);
    assertEquals(retryAfter("Sun, 06 Nov 1994 08:49:37 GMT"), 0);
  });

  test("waits a minute at most", () => {
    assertEquals(retryAfter("61"), 60_000);
    assertEquals(retryAfter("9".repeat(400)), 60_000);
    assertEquals(retryAfter("Fri, 31 Dec 9999 23:59:59 GMT"), 60_000);
  });

  test("ignores what is neither", () => {
    for (const header of [null, "", "soon", "-1", "1.5", "1e3", "never GMT"]) {
      assertEquals(retryAfter(header), undefined);
    }
  });
});
