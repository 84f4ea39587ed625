import { dirname } from "node:path";
import { logger } from "../log.ts";

const log = logger("watch");

/** How often the files themselves are looked at, in milliseconds. */
export interface Intervals {
  /** While events arrive. */
  slow: number;
  /** Where they do not. */
  fast: number;
}

/** Looking takes at most one part in so many of the time. */
const share = 50;

/**
 * Looks at the files from time to time. Where a file system announces no changes (bind mounts of a
 * virtual machine, network file systems) or nothing can be watched, it looks more often.
 */
export class Poll {
  readonly #look: () => Iterable<string>;
  readonly #intervals: Intervals;
  /** Directories from which events have come since the last look. */
  readonly #heard = new Set<string>();
  /** Directories in which the last look found a change that nothing had announced. */
  #suspects: string[] = [];
  #hurried = false;
  #timer: ReturnType<typeof setTimeout>;

  /** `look` gives the files that have changed since they were last looked at. */
  constructor(look: () => Iterable<string>, intervals: Intervals = { slow: 2000, fast: 250 }) {
    this.#look = look;
    this.#intervals = intervals;
    this.#timer = this.#after(intervals.slow);
  }

  /** Is looking all that tells of changes? */
  get hurried(): boolean {
    return this.#hurried;
  }

  /** An event has come for something in this directory. */
  heard(directory: string): void {
    this.#heard.add(directory);
  }

  /** Events are not to be relied on: looks more often from now on, and says so once. */
  hurry(reason: string): void {
    if (this.#hurried) return;
    this.#hurried = true;
    clearTimeout(this.#timer);
    const { fast } = this.#intervals;
    this.#timer = this.#after(fast);
    const seconds = fast / 1000;
    log.warn("{reason}: looking for changes every {seconds}s instead", { reason, seconds });
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #after(milliseconds: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const started = performance.now();
      this.#check();
      const took = performance.now() - started;
      clearTimeout(this.#timer);
      const { slow, fast } = this.#intervals;
      this.#timer = this.#after(Math.max(this.#hurried ? fast : slow, took * share));
    }, milliseconds).unref();
  }

  #check(): void {
    // The event may only have been late for the last look; by now it would be here.
    const deaf = this.#suspects.find((directory) => !this.#heard.has(directory));
    if (deaf !== undefined) this.hurry(`the file system of ${deaf} does not tell of changes`);
    const changed = [...this.#look()].map((path) => dirname(path));
    this.#suspects = changed.filter((directory) => !this.#heard.has(directory));
    this.#heard.clear();
  }
}
