import type { Member } from "./member.ts";

/** Something else is started in the place of a worker that was being started. */
export class Superseded extends Error {
  override name = "Superseded";

  constructor() {
    super("another start has taken its place");
  }
}

/** A place for a worker, which is to be filled at all times. */
export class Place {
  /** Who serves here, or did last. */
  member: Member | undefined;
  #start: { done: Promise<void>; abort(reason: Error): void } | undefined;

  /** Who serves here now. */
  get serving(): Member | undefined {
    return this.member?.is("serving") ? this.member : undefined;
  }

  /** For how long nobody has served here, in milliseconds; 0 where somebody does, or nobody ever has. */
  emptyFor(now: number): number {
    return this.member === undefined || this.member.is("serving")
      ? 0
      : now - this.member.life.since;
  }

  /**
   * Starts a worker here, instead of whatever is being started here: that is ended first, with
   * {@linkcode Superseded}. Rejects as `start` does.
   *
   * @param start starts it, until its signal is aborted
   */
  async fill(start: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (this.#start !== undefined) {
      this.#start.abort(new Superseded());
      await this.#start.done.catch(() => {});
    }
    const attempt = new AbortController();
    const done = start(AbortSignal.any([signal, attempt.signal]))
      .finally(() => this.#start = undefined);
    this.#start = { done, abort: (reason) => attempt.abort(reason) };
    await done;
  }

  /** Resolves when nothing is being started here. */
  async settled(): Promise<void> {
    while (this.#start !== undefined) await this.#start.done.catch(() => {});
  }
}
