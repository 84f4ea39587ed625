/**
 * The counters of a process as they cross the process boundary, and their sum.
 *
 * @module
 */
import * as z from "zod/mini";
import { LateSchema, type Output } from "../late_schema.ts";
import {
  bodySizeBounds,
  durationBounds,
  highestStatus,
  lowestStatus,
  requestMethods,
} from "./requests.ts";

/**
 * What another process says about its requests. Refuses what would break a histogram: numbers
 * that are negative or not finite, and the wrong number of buckets.
 */
export const requestSnapshotSchema = new LateSchema(() => {
  const count = z.int().check(z.nonnegative());
  const histogram = (bounds: readonly number[]) => ({
    buckets: z.array(count).check(z.length(bounds.length + 1)),
    sum: z.number().check(z.nonnegative()),
  });
  return z.object({
    durations: z.array(z.object({
      method: z.enum(requestMethods),
      status: z.int().check(z.gte(lowestStatus), z.lte(highestStatus)),
      ...histogram(durationBounds),
    })),
    bodySizes: z.object(histogram(bodySizeBounds)),
    shed: count,
  });
});

/**
 * The counters of one process, or a sum of several.
 *
 * A histogram's `buckets` hold what fell into each bucket alone, not cumulated; the last one is
 * what lies above all bounds. Durations are in seconds, sizes in bytes. `shed` counts the requests that
 * were refused because too many were in flight; they are among the durations, too.
 */
export type RequestSnapshot = Output<typeof requestSnapshotSchema>;

/** The snapshot of a process that has answered nothing: where a sum over workers begins. */
export function emptySnapshot(): RequestSnapshot {
  return {
    durations: [],
    bodySizes: { buckets: new Array<number>(bodySizeBounds.length + 1).fill(0), sum: 0 },
    shed: 0,
  };
}

/**
 * The sum of two snapshots, which stay as they are: over workers, and to keep the totals of workers
 * that were retired, for a counter must not go down.
 *
 * @example
 * ```ts
 * import { addSnapshots, emptySnapshot, type RequestSnapshot } from "./snapshot.ts";
 *
 * const snapshots: RequestSnapshot[] = []; // one of each worker
 * const total = snapshots.reduce(addSnapshots, emptySnapshot());
 * console.assert(total.durations.length === 0);
 * ```
 */
export function addSnapshots(a: RequestSnapshot, b: RequestSnapshot): RequestSnapshot {
  const rows = new Map<string, RequestSnapshot["durations"][number]>();
  for (const row of [...a.durations, ...b.durations]) {
    const key = `${row.method} ${row.status}`;
    rows.set(key, { method: row.method, status: row.status, ...add(rows.get(key), row) });
  }
  return {
    durations: [...rows.values()],
    bodySizes: add(a.bodySizes, b.bodySizes),
    shed: a.shed + b.shed,
  };
}

type Histogram = RequestSnapshot["bodySizes"];

function add(a: Histogram | undefined, b: Histogram): Histogram {
  if (a === undefined) return { buckets: [...b.buckets], sum: b.sum };
  return {
    buckets: a.buckets.map((n, index) => n + b.buckets[index]!),
    sum: a.sum + b.sum,
  };
}
