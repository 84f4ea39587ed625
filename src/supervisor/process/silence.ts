import { longestSilenceStep, silenceBegins, silenceStep } from "../../timeline.ts";

/**
 * For how long a worker has given no sign of life.
 *
 * Counted by steps of this process's own event loop: were the whole container frozen for a minute,
 * nobody's loop would have stood still. And only once a sign is overdue: a service that idles is not
 * woken for it.
 */
export class Silence {
  readonly #grows: () => void;
  #counted = 0;
  #last = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param grows Called at each step. */
  constructor(grows: () => void) {
    this.#grows = grows;
    this.#timer = setTimeout(this.#count, silenceBegins);
  }

  /** In milliseconds; 0 while signs of life come in time. */
  get milliseconds(): number {
    return this.#counted;
  }

  /** Begins anew: there was a sign of life. */
  break(): void {
    this.#counted = 0;
    // Last words may come after the end.
    if (this.#timer === undefined) return;
    this.#last = performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#count, silenceBegins);
  }

  /** Counts no more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #count = (): void => {
    const now = performance.now();
    this.#counted += Math.min(now - this.#last, longestSilenceStep);
    this.#last = now;
    this.#timer = setTimeout(this.#count, silenceStep);
    this.#grows();
  };
}
