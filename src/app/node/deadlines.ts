import { clearTimeout, setTimeout } from "../../natives.ts";

/**
 * Calls back for what has not ended in time. All have the same time, so the first that was added is the
 * first that is late: one timer is enough.
 */
export class Deadlines<One extends { started: number }> {
  readonly #timeout: number | undefined;
  readonly #now: () => number;
  readonly #late: (one: One) => void;
  readonly #open = new Set<One>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param timeout in milliseconds; without one nothing is ever late
   * @param now the clock that `started` is of, in milliseconds
   */
  constructor(timeout: number | undefined, now: () => number, late: (one: One) => void) {
    this.#timeout = timeout;
    this.#now = now;
    this.#late = late;
  }

  add(one: One): void {
    if (this.#timeout === undefined) return;
    this.#open.add(one);
    this.#timer ??= setTimeout(this.#look, this.#timeout);
  }

  end(one: One): void {
    this.#open.delete(one);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#open.clear();
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const now = this.#now();
    for (const one of this.#open) {
      const left = one.started + this.#timeout! - now;
      if (left > 0) {
        this.#timer = setTimeout(this.#look, Math.ceil(left));
        return;
      }
      this.#open.delete(one);
      this.#late(one);
    }
  };
}
