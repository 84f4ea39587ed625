/**
 * Counters on the request path.
 *
 * @module
 */
import {
  bodySizeBounds,
  durationBounds,
  highestStatus,
  lowestStatus,
  requestMethods,
} from "./layout.ts";
import type { RequestSnapshot, ShedReason } from "./snapshot.ts";

/**
 * Counts requests in the process that runs the handler.
 *
 * Nothing is allocated for a request, except when a method is first seen with a status.
 *
 * @example
 * ```ts
 * const counters = new RequestCounters();
 * counters.inFlight++;
 * counters.inFlight--;
 * counters.record("GET", 200, 0.0021);
 * counters.recordBodySize(512);
 * counters.snapshot().durations; // [{ method: "GET", status: 200, buckets: [1, 0, …], sum: 0.0021 }]
 * ```
 */
export class RequestCounters {
  /** Requests given to the handler and not yet answered. Its caller counts up and down. */
  inFlight = 0;
  /** Those of them that may have a body. Its caller counts up and down. */
  bodiesInFlight = 0;
  /** Requests that are in flight no more, but whose handler has not settled. Its caller counts. */
  abandoned = 0;
  /** Requests that were answered, recorded or not. Its caller counts. */
  answered = 0;

  #revision = 0;
  readonly #shed: RequestSnapshot["shed"] = { inflight: 0, wait: 0 };
  /** For each method its rows by status. */
  readonly #durations = requestMethods.map(() =>
    new Array<Float64Array | undefined>(highestStatus - lowestStatus + 1).fill(undefined)
  );
  readonly #bodySizes = new Float64Array(bodySizeBounds.length + 2);

  /** Changes with each observation: a snapshot of the same revision need not be sent again. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Counts an answered request.
   *
   * Leaves out what has no row: a status outside 100 to 599, and a duration that is negative or not finite, which would spoil the sum for ever.
   *
   * @param method as the request gave it; an unknown one counts as `_OTHER`
   * @param status of the response
   * @param seconds from the request's arrival to the response's head
   */
  record(method: string, status: number, seconds: number): void {
    const statuses = this.#durations[placeOf(method)]!;
    const index = status - lowestStatus;
    let row = statuses[index];
    if (row === undefined) {
      // Also true of an index outside the row, which must not grow it.
      if (!(index in statuses)) return;
      row = statuses[index] = new Float64Array(durationBounds.length + 2);
    }
    this.#observe(row, durationBounds, seconds);
  }

  /** Counts the size of a response body, in bytes, where it is known without reading the body. */
  recordBodySize(bytes: number): void {
    this.#observe(this.#bodySizes, bodySizeBounds, bytes);
  }

  /** Counts a request that was refused. */
  recordShed(reason: ShedReason): void {
    this.#shed[reason]++;
    this.#revision++;
  }

  /** The counters as they are now: plain data, only of methods and statuses that were seen. */
  snapshot(): RequestSnapshot {
    const durations: RequestSnapshot["durations"] = [];
    for (const [place, method] of requestMethods.entries()) {
      this.#durations[place]!.forEach((row, index) => {
        if (row !== undefined) {
          durations.push({ method, status: lowestStatus + index, ...plain(row) });
        }
      });
    }
    return { durations, bodySizes: plain(this.#bodySizes), shed: { ...this.#shed } };
  }

  /** A row is its buckets, the one above all bounds, and the sum of the values. */
  #observe(row: Float64Array, bounds: readonly number[], value: number): void {
    if (!(value >= 0 && value < Infinity)) return;
    let bucket = 0;
    // From below: most requests are answered within the first bound, after one comparison.
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    row[bucket]!++;
    row[bounds.length + 1]! += value;
    this.#revision++;
  }
}

/** No map: Deno makes a new string of each method, which would have to be hashed. */
function placeOf(method: string): number {
  let place = 0;
  while (place < others && requestMethods[place] !== method) place++;
  return place;
}

/** The place of `_OTHER`, which is the last. */
const others = requestMethods.length - 1;

function plain(row: Float64Array): { buckets: number[]; sum: number } {
  return { buckets: Array.from(row.subarray(0, -1)), sum: row[row.length - 1]! };
}
