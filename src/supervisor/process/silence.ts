import {
  longestSilenceStep,
  restingSilenceBegins,
  silenceBegins,
  silenceStep,
} from "../../timeline.ts";

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
  /** When it begins to be counted, unless there is a sign of life before. */
  #begins = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param grows Called at each step. */
  constructor(grows: () => void) {
    this.#grows = grows;
    this.#wait(silenceBegins);
  }

  /** In milliseconds; 0 while signs of life come in time. */
  get milliseconds(): number {
    return this.#counted;
  }

  /**
   * Begins anew: there was a sign of life.
   *
   * @param rests is the next one due later than usual?
   */
  break(rests = false): void {
    this.#counted = 0;
    // Last words may come after the end.
    if (this.#timer === undefined) return;
    this.#last = performance.now();
    this.#wait(rests ? restingSilenceBegins : silenceBegins);
  }

  /** It has been asked something: a sign of life is due as soon as from one that does not rest. */
  expect(): void {
    const now = performance.now();
    if (this.#timer === undefined || this.#begins <= now + silenceBegins) return;
    this.#last = now;
    this.#wait(silenceBegins);
  }

  /** Counts no more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(milliseconds: number): void {
    const begins = performance.now() + milliseconds;
    // A message is heard, and then read, and to set a timer is a good part of what that costs.
    if (this.#timer !== undefined && Math.abs(begins - this.#begins) < 1) return;
    this.#begins = begins;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#count, milliseconds);
  }

  readonly #count = (): void => {
    const now = performance.now();
    this.#counted += Math.min(now - this.#last, longestSilenceStep);
    this.#last = now;
    this.#timer = setTimeout(this.#count, silenceStep);
    this.#grows();
  };
}
