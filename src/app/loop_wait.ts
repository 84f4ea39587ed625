import { setImmediate, setTimeout } from "../natives.ts";

/** What an event loop has, as far as it is needed here. */
export interface Loop {
  setImmediate(call: () => void): unknown;
  setTimeout(call: () => void, milliseconds: number): { unref(): void };
}

/**
 * How long requests wait for the event loop, for `--max-wait`.
 *
 * It is seen in two ways, for handlers do their work in two places.
 *
 * - *Before they await anything.* What became readable before a turn of the loop is handled in it, one
 *   after the other. So a request that begins a while after the first one of its turn has waited for at
 *   least that long, and is late.
 * - *After that.* Then all requests begin at once, and it is what follows their `await` that waits: the
 *   loop comes late to everything, as a timer tells. What makes it late are the requests in flight. So
 *   with a loop that is late there is place for only so many of them that it would be in time.
 *
 * Neither bites at once: a burst, a cold start or one long collection of garbage passes by itself, and
 * to refuse what it has delayed helps nobody. So it has to be late for as long again.
 */
export class LoopWait {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #loop: Loop;
  /** When the first request of this turn began. */
  #began: number | undefined;
  /** Since when each turn has had a request that was late. */
  #lateSince: number | undefined;
  #lateNow = false;

  /** How often the timer asks, in milliseconds. */
  readonly #pause: number;
  #watching = false;
  #due = 0;
  /** Since when the timer has been late each time. */
  #behindSince: number | undefined;
  /** The most requests in flight since the timer was last here; -1 where none came. */
  #most = -1;
  #refused = false;
  /** Requests that may be in flight. */
  #places = Infinity;
  #calm = 0;

  /**
   * @param limit how long a request may have waited, in milliseconds
   * @param now a clock in milliseconds, whatever it counts from
   * @param loop calls back at the end of a turn, and after some milliseconds
   */
  constructor(limit: number, now: () => number, loop: Loop = { setImmediate, setTimeout }) {
    this.#limit = limit;
    this.#now = now;
    this.#loop = loop;
    this.#pause = Math.min(20, Math.max(2, limit / 10));
  }

  /**
   * Has a request that begins now waited for longer than it may, or would it? Called once for each.
   *
   * @param inFlight the requests before it that have no answer yet
   */
  exceeded(inFlight: number): boolean {
    const now = this.#now();
    if (inFlight > this.#most) this.#most = inFlight;
    if (this.#began === undefined) {
      this.#began = now;
      this.#loop.setImmediate(this.#ended);
      if (!this.#watching) this.#watch(now);
    } else if (now - this.#began > this.#limit) {
      this.#lateNow = true;
      this.#lateSince ??= now;
      if (now - this.#lateSince > this.#limit) return true;
    }
    if (inFlight < this.#places) return false;
    this.#refused = true;
    return true;
  }

  readonly #ended = (): void => {
    if (!this.#lateNow) this.#lateSince = undefined;
    this.#lateNow = false;
    this.#began = undefined;
  };

  #watch(now: number): void {
    this.#due = now + this.#pause;
    // No interval: what is left of one that was late comes at once, and on time.
    this.#watching = true;
    this.#loop.setTimeout(this.#look, this.#pause).unref();
  }

  readonly #look = (): void => {
    const now = this.#now();
    const behind = now - this.#due;
    const [most, refused] = [this.#most + 1, this.#refused];
    this.#watching = false;
    this.#most = -1;
    this.#refused = false;
    if (behind <= this.#limit) this.#behindSince = undefined;
    else this.#behindSince ??= now;
    const isBehind = behind > 2 * this.#limit ||
      this.#behindSince !== undefined && now > this.#behindSince;
    if (isBehind) {
      // Half of what may be: a request waits to begin, and then again after it has awaited.
      this.#places = Math.max(1, Math.floor(most * this.#limit / (2 * behind)));
      this.#calm = 0;
    } else if (this.#places < Infinity) {
      if (refused && behind < this.#limit / 2) this.#places = Math.ceil(this.#places * 1.25);
      this.#calm = refused ? 0 : this.#calm + this.#pause;
      if (this.#calm > 1000) this.#places = Infinity;
    }
    // Nobody has come who could have been late.
    if (most === 0) this.#lateSince = undefined;
    if (most > 0 || this.#places < Infinity) this.#watch(now);
  };
}

/** One for `--max-wait`, where that is given. */
export function loopWait(limit: number | undefined, now: () => number): LoopWait | undefined {
  return limit === undefined ? undefined : new LoopWait(limit, now);
}
