import { renewalInterval } from "../../timeline.ts";

/**
 * Looks at the workers again and again, in the turns in which something is heard of one of them, or
 * nothing is although it should be: so there is no timer for it, which would wake a supervisor that
 * idles as often as all else.
 */
export class Looks {
  readonly #lookers = new Set<() => void>();
  readonly #now: () => number;
  #last: number;

  /** @param now a clock in milliseconds, whatever it counts from */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#last = now();
  }

  /**
   * Has `look` called again and again.
   *
   * @returns what ends that
   */
  add(look: () => void): () => void {
    this.#lookers.add(look);
    return () => this.#lookers.delete(look);
  }

  /** Something was heard of a worker, or is overdue: looks, unless that was done a moment ago. */
  pulse(): void {
    const now = this.#now();
    // A beat that comes a little early is not to wait for the next one.
    if (now - this.#last < 0.9 * renewalInterval) return;
    this.#last = now;
    for (const look of [...this.#lookers]) look();
  }
}
