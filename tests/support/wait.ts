/**
 * Waiting for events. The limits are there for a readable failure; no test depends on their length.
 *
 * @module
 */

/** In milliseconds; generous, for a machine may be busy with other things. */
const limit = 45_000;

/** Resolves after so many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Asks again and again until the answer is neither `undefined`, `null` nor `false`.
 *
 * @throws {Error} when that does not happen; it names what was waited for.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer as Exclude<T, undefined | null | false>;
    }
    if (Date.now() > end) throw new Error(`waited ${limit / 1000} s in vain for ${what}`);
    await pause(20);
  }
}

/** Has a text such words? A text alone must be in it as it stands. */
export function hasWords(text: string, words: RegExp | string): boolean {
  return typeof words === "string" ? text.includes(words) : words.test(text);
}

/** What was looked for, as a failure says it. */
export function shown(words: RegExp | string): string {
  return typeof words === "string" ? JSON.stringify(words) : String(words);
}

/** Things that arrive one after the other and can be waited for. */
export class Feed<T> {
  /** All that has arrived, in order. */
  readonly items: T[] = [];
  readonly #listeners = new Set<() => void>();
  #ended = false;

  /** Adds one. */
  push(item: T): void {
    this.items.push(item);
    this.#notify();
  }

  /** Nothing more will come: who waits in vain is told at once. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  /**
   * The first item that matches, whether it has arrived already or not.
   *
   * @throws {Error} when it does not arrive; it names what was waited for and what came instead.
   */
  async until(what: string, matches: (item: T, index: number) => boolean): Promise<T> {
    const end = Date.now() + limit;
    for (;;) {
      const index = this.items.findIndex(matches);
      const found = this.items[index];
      if (found !== undefined) return found;
      if (this.#ended || Date.now() >= end) {
        const why = this.#ended ? "it ended without" : `waited ${limit / 1000} s in vain for`;
        throw new Error(`${why} ${what}; there were: ${JSON.stringify(this.items, null, 1)}`);
      }
      await this.#change(end - Date.now());
    }
  }

  /** The first so many items. */
  async first(count: number): Promise<T[]> {
    await this.until(`${count} items`, (_, index) => index === count - 1);
    return this.items.slice(0, count);
  }

  #change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#listeners.add(done);
    });
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Hands over each line of a stream; resolves when the stream has ended. */
export async function eachLine(
  stream: NodeJS.ReadableStream | null,
  take: (line: string) => void,
): Promise<void> {
  if (stream === null) return;
  stream.setEncoding("utf8");
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) take(part);
  }
  if (rest !== "") take(rest);
}
