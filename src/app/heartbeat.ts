import { clearInterval, performance, setInterval } from "../natives.ts";
import { heartbeatInterval, restingInterval, restsAfter } from "../timeline.ts";

/**
 * Shows several times a second that an event loop turns, or every two seconds while nothing happens
 * in it: what wakes a process that idles costs more than all else that it does.
 *
 * Whoever rests says so with the sign of life before. What may hold the loop up and is known
 * beforehand, as a question, ends the rest.
 */
export class Heartbeat {
  /** How late the event loop came to the last one, in seconds. */
  loopDelay = 0;
  readonly #activity: () => unknown;
  readonly #beat: (next: number) => void;
  #last: unknown;
  /** How often nothing had happened in a row. */
  #still = 0;
  #open = 0;
  #interval = heartbeatInterval;
  #due = performance.now() + heartbeatInterval;
  #timer: ReturnType<typeof setInterval>;

  /**
   * @param activity what is another value after something has happened, and `undefined` while it does
   * @param beat shows it, and is told when the next one is due, in milliseconds
   */
  constructor(activity: () => unknown, beat: (next: number) => void) {
    this.#activity = activity;
    this.#beat = beat;
    this.#timer = setInterval(this.#tick, this.#interval);
  }

  /** Is the next one due only after {@linkcode restingInterval}? */
  get rests(): boolean {
    return this.#interval === restingInterval;
  }

  /** From now on the loop may be held up, and does not rest: until {@linkcode settled} is called as often. */
  stir(): void {
    this.#open++;
    this.#still = Math.min(this.#still, restsAfter - 1);
    this.#pace(heartbeatInterval);
  }

  /** What {@linkcode stir} was called for is over. */
  settled(): void {
    this.#open--;
  }

  /** From now on it does not keep its process alive. */
  unref(): void {
    this.#timer.unref();
  }

  /** Ends it. */
  stop(): void {
    clearInterval(this.#timer);
  }

  readonly #tick = (): void => {
    const now = performance.now();
    this.loopDelay = Math.max(0, now - this.#due) / 1000;
    const activity = this.#activity();
    if (activity === undefined || activity !== this.#last) this.#still = 0;
    else if (this.#open === 0) this.#still++;
    this.#last = activity;
    this.#due = now + this.#interval;
    this.#pace(this.#still < restsAfter ? heartbeatInterval : restingInterval);
    this.#beat(this.#interval);
  };

  #pace(interval: number): void {
    if (interval === this.#interval) return;
    this.#interval = interval;
    this.#due = performance.now() + interval;
    clearInterval(this.#timer);
    this.#timer = setInterval(this.#tick, interval);
  }
}
