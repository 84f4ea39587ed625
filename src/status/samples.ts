/**
 * The last minutes in numbers: what the plots show.
 *
 * @module
 */
import { durationBounds } from "../metrics/layout.ts";
import type { RequestSnapshot } from "../metrics/snapshot.ts";
import { quantile } from "./quantile.ts";
import { Recent } from "./recent.ts";

/** How often a sample is taken, in milliseconds. */
export const sampleInterval = 1000;

/** How many are kept: five minutes. */
export const keptSamples = 300;

/** Over how many samples latencies are looked at: of one second there may be too few requests. */
const latencyWindow = 10;

/** What all workers ever have counted. */
export interface Totals {
  requests: number;
  /** Those that got 500 and above. */
  failed: number;
  /** Those that were refused. */
  shed: number;
  /** How many requests took how long, as {@linkcode durationBounds} has it. */
  durations: readonly number[];
}

/** What is read once a second. */
export interface Reading {
  /** In milliseconds since 1970. */
  time: number;
  /** In milliseconds, by a clock that is never set. */
  at: number;
  /** `undefined` with `--no-metrics`: nothing is counted. */
  totals: Totals | undefined;
  /** The request queue, by its parts. `kernel` is `undefined` where the system does not tell. */
  handler: number;
  kernel: number | undefined;
  /** How late the event loop is that is latest, in seconds. */
  loopDelay: number;
  /** The resident memory of all workers, in bytes; `undefined` where the system does not tell. */
  memory: number | undefined;
}

/** What a plot shows of one second. */
export interface Sample extends Omit<Reading, "at" | "totals"> {
  /** A second, each. */
  requests: number | undefined;
  failed: number | undefined;
  shed: number | undefined;
  /** In seconds, each; `undefined` where nothing was answered. */
  p50: number | undefined;
  p95: number | undefined;
  p99: number | undefined;
}

/** What the counters of the requests say altogether. */
export function totalsOf({ durations, shed }: RequestSnapshot): Totals {
  const totals = {
    requests: 0,
    failed: 0,
    shed: shed.inflight + shed.wait,
    durations: new Array<number>(durationBounds.length + 1).fill(0),
  };
  for (const { status, buckets } of durations) {
    for (const [index, count] of buckets.entries()) {
      totals.requests += count;
      if (status >= 500) totals.failed += count;
      totals.durations[index]! += count;
    }
  }
  return totals;
}

/** Makes samples of readings, and keeps those of the last minutes. */
export class Samples {
  readonly #readings = new Recent<Reading>(latencyWindow + 1);
  readonly #samples = new Recent<Sample>(keptSamples);

  /** The oldest first. */
  get all(): readonly Sample[] {
    return this.#samples.items;
  }

  /** Takes the next reading. Of the first one, nothing is known that takes two. */
  add(reading: Reading): void {
    const before = this.#readings.items.at(-1);
    this.#readings.add(reading);
    if (before === undefined) return;
    const { at: _at, totals, ...shown } = reading;
    const seconds = Math.max(0.001, (reading.at - before.at) / 1000);
    const rate = (name: "requests" | "failed" | "shed"): number | undefined =>
      totals === undefined || before.totals === undefined
        ? undefined
        : Math.max(0, totals[name] - before.totals[name]) / seconds;
    const [p50, p95, p99] = this.#latencies(totals);
    this.#samples.add({
      ...shown,
      ...{ requests: rate("requests"), failed: rate("failed"), shed: rate("shed") },
      ...{ p50, p95, p99 },
    });
  }

  #latencies(totals: Totals | undefined): (number | undefined)[] {
    const first = this.#readings.items[0]?.totals;
    if (totals === undefined || first === undefined) return [];
    const buckets = totals.durations.map((count, index) =>
      Math.max(0, count - (first.durations[index] ?? 0))
    );
    return [0.5, 0.95, 0.99].map((share) => quantile(buckets, durationBounds, share));
  }
}
