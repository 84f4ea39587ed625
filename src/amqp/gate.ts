/**
 * Lets so many in at a time, in the order in which they come.
 *
 * @example
 * ```ts
 * import { Gate } from "./gate.ts";
 *
 * const gate = new Gate(1);
 * await gate.enter();
 * const second = gate.enter();
 * gate.leave();
 * await second;
 * ```
 */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /** Resolves when there is a place. */
  async enter(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The place is free for the next one. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
