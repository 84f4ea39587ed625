/**
 * The last few of what happens again and again: memory that does not grow.
 *
 * @example
 * ```ts
 * import { Recent } from "./recent.ts";
 *
 * const recent = new Recent<number>(2);
 * for (const number of [1, 2, 3]) recent.add(number);
 * console.assert(recent.items.join() === "2,3");
 * ```
 */
export class Recent<T> {
  readonly #most: number;
  readonly #items: T[] = [];

  /** @param most how many are kept */
  constructor(most: number) {
    this.#most = most;
  }

  /** The oldest first. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** The oldest makes room where there is none. */
  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length > this.#most) this.#items.shift();
  }
}
