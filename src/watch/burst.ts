/** How long after the last event a change is taken to be over, in milliseconds: of a file, of many. */
const [quiet, quietOfMany] = [20, 100];

/** From so many files on it is not one person who saves, but a branch switch or a generator. */
export const many = 3;

/** Events that go on and on are looked at after this time, in milliseconds. */
const longest = 1000;

/** How long it has lasted, in milliseconds. */
export interface Elapsed {
  sinceFirst: number;
  sinceLast: number;
}

/** Gathers the events of one change: an editor causes several, a branch switch hundreds. */
export class Burst {
  readonly #over: (paths: ReadonlySet<string>, elapsed: Elapsed) => boolean;
  readonly #paths = new Set<string>();
  #first = 0;
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * `over` is called with all paths when no more events come. It returns whether they were dealt with,
   * and is called again a moment later otherwise.
   */
  constructor(over: (paths: ReadonlySet<string>, elapsed: Elapsed) => boolean) {
    this.#over = over;
  }

  /** Something has happened to a file. */
  add(path: string): void {
    this.#last = performance.now();
    if (this.#paths.size === 0) this.#first = this.#last;
    this.#paths.add(path);
    const left = this.#first + longest - this.#last;
    // Later ones do not put off any more what is due.
    if (left > 0) this.#wait(Math.min(left, this.#paths.size < many ? quiet : quietOfMany));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#paths.clear();
  }

  #wait(pause: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), pause);
  }

  #check(): void {
    const now = performance.now();
    const elapsed = { sinceFirst: now - this.#first, sinceLast: now - this.#last };
    if (this.#over(this.#paths, elapsed)) this.#paths.clear();
    else this.#wait(quiet);
  }
}
