import { Recent } from "./recent.ts";

/** Over how many readings a rate is looked at: in one second there may be too few events. */
const window = 10;

/** What counters say at one moment. */
interface Reading {
  /** In milliseconds, by a clock that is never set. */
  at: number;
  counts: ReadonlyMap<string, number>;
}

/**
 * How fast counters rise, each by its name, over the last readings.
 *
 * @example
 * ```ts
 * import { Rates } from "./rates.ts";
 *
 * const rates = new Rates();
 * rates.add({ at: 0, counts: new Map([["jobs", 0]]) });
 * rates.add({ at: 2000, counts: new Map([["jobs", 10]]) });
 * console.assert(rates.of("jobs") === 5);
 * ```
 */
export class Rates {
  readonly #readings = new Recent<Reading>(window + 1);

  /** Takes the next reading. */
  add(reading: Reading): void {
    this.#readings.add(reading);
  }

  /** By how much one rises in a second; `undefined` where it is not known twice. */
  of(name: string): number | undefined {
    const [first, last] = [this.#readings.items[0], this.#readings.items.at(-1)];
    const [before, now] = [first?.counts.get(name), last?.counts.get(name)];
    if (first === undefined || last === undefined || first === last) return undefined;
    if (before === undefined || now === undefined) return undefined;
    return Math.max(0, now - before) * 1000 / Math.max(1, last.at - first.at);
  }
}
