/** The time in which restarts are counted, in milliseconds. */
const window = 60_000;

/** The first pause that is not zero, in milliseconds. */
const firstPause = 100;

/** All pauses together take no more than this part of the window, so that the limit can be reached. */
const share = 0.5;

/**
 * Decides whether a crashed worker is started again, and when: at once, then after pauses that
 * double, and no more once it has been restarted `maxRestarts` times within a minute.
 */
export class Restarts {
  readonly #max: number;
  readonly #now: () => number;
  readonly #longestPause: number;
  #times: number[] = [];

  constructor(maxRestarts: number, now: () => number = () => performance.now()) {
    this.#max = maxRestarts;
    this.#now = now;
    this.#longestPause = share * window / maxRestarts;
  }

  /** The pause before the next restart in milliseconds, or `undefined` to give up. */
  next(): number | undefined {
    const now = this.#now();
    this.#times = this.#times.filter((time) => now - time < window);
    const recent = this.#times.length;
    if (recent >= this.#max) return undefined;
    this.#times.push(now);
    return recent === 0 ? 0 : Math.min(firstPause * 2 ** (recent - 1), this.#longestPause);
  }
}
