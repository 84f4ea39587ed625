/**
 * Runs one reload at a time.
 *
 * What comes while one runs ends it, for the code that it starts is old already; the next one gets its
 * files as well, as nobody has been served by them.
 */
export class Reloads {
  readonly #reload: (files: string[], signal: AbortSignal) => Promise<void>;
  #waiting = new Set<string>();
  #abort = new AbortController();
  #running: Promise<void> | undefined;
  #closed = false;

  /**
   * `reload` starts the handler and has it take over. It must not reject, and is to give up once its
   * signal is aborted, at least until it has let the new code take over.
   */
  constructor(reload: (files: string[], signal: AbortSignal) => Promise<void>) {
    this.#reload = reload;
  }

  /** Asks for a reload because of these files. Resolves when nothing is left to be done. */
  request(files: Iterable<string>): Promise<void> {
    if (this.#closed) return Promise.resolve();
    for (const file of files) this.#waiting.add(file);
    this.#abort.abort();
    this.#running ??= this.#run().finally(() => this.#running = undefined);
    return this.#running;
  }

  /** Ends a reload that runs; no other begins. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    do {
      this.#abort = new AbortController();
      const { signal } = this.#abort;
      const files = this.#waiting;
      this.#waiting = new Set();
      await this.#reload([...files].sort(), signal);
      // Its files have not been served if it was ended in the middle.
      if (signal.aborted) this.#waiting = this.#waiting.union(files);
      else return;
    } while (!this.#closed);
  }
}
