import { combine } from "./family.ts";
import { Samples } from "./samples.ts";

/** What rounding may take from a sum, as a part of it, with room to spare. */
const rounding = 1e-9;

/** What is shown once, on its way. */
export interface Steadying {
  /** The value to show of a series that is `value`: what was shown last, where that differs by a rounding error. */
  keep(series: string, value: number): number;
  end(): void;
}

/**
 * Keeps counters from going down by a rounding error.
 *
 * A sum of fractions depends on the order in which they are added, and that changes when a worker is
 * replaced. Prometheus takes the least fall for a restart from 0, and shows a rate that never was.
 */
export class SteadySums {
  #shown = new Samples();

  /** Begins what is shown next. */
  begin(): Steadying {
    const before = this.#shown;
    const shown = new Samples(before);
    return {
      keep(series, value) {
        const last = before.get(series) ?? 0;
        const fall = last - value;
        const kept = fall > 0 && fall <= last * rounding ? last : value;
        shown.add(series, kept, combine.first);
        return kept;
      },
      end: () => void (this.#shown = shown),
    };
  }
}
