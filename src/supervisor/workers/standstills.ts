import { elapsed } from "../../elapsed.ts";
import { logger } from "../../log.ts";
import { oftenTold, standstillTold } from "../../timeline.ts";
import { whatKeepsIt } from "./main_thread.ts";
import type { Worker } from "./worker.ts";

const log = logger("supervisor");

/** What is looked at of a worker. */
export type Watched = Pick<Worker, "pid" | "silence">;

/** An event loop that stands still. */
interface Standstill {
  /** For how long, in milliseconds, when it was looked at last. */
  silence: number;
  /** Has the log told that it does? */
  told: boolean;
}

/**
 * Tells the log of event loops that stand still, long before they do so for `--stall-timeout`: a handler
 * that blocks its loop for some seconds again and again makes all its clients wait, and nothing else says
 * so. Of many in a minute the first one has lines, and the next one that has says how many there were.
 */
export class Standstills {
  readonly #workers: () => readonly Watched[];
  readonly #now: () => number;
  readonly #standing = new Map<Watched, Standstill>();
  /** Until then nothing is told of another one. */
  #quietUntil = -Infinity;
  #untold = 0;
  #longestUntold = 0;

  /**
   * @param workers those that serve now
   * @param now a clock in milliseconds, whatever it counts from
   */
  constructor(workers: () => readonly Watched[], now: () => number = () => performance.now()) {
    this.#workers = workers;
    this.#now = now;
  }

  /** Looks at all of them. */
  look(): void {
    const workers = this.#workers();
    for (const worker of this.#standing.keys()) {
      // Of one that was killed, its end is told.
      if (!workers.includes(worker)) this.#standing.delete(worker);
    }
    for (const worker of workers) {
      const { silence } = worker;
      const known = this.#standing.get(worker);
      if (silence > standstillTold) {
        if (known === undefined) {
          this.#standing.set(worker, { silence, told: this.#begins(worker) });
        } else known.silence = silence;
      } else if (known !== undefined) {
        this.#standing.delete(worker);
        this.#ends(worker, known);
      }
    }
  }

  #begins({ pid, silence }: Watched): boolean {
    if (this.#now() < this.#quietUntil) return false;
    this.#quietUntil = this.#now() + oftenTold;
    const before = this.#untold === 0 ? "" : `; that was so ${this.#untold} times more since the ` +
      `last line about it, for up to ${elapsed(this.#longestUntold)}`;
    log.warn(
      "the handler's event loop stands still, so far for {time}, and nobody is answered: {why}{before}",
      { time: elapsed(silence), why: whatKeepsIt(pid), before, pid },
    );
    this.#untold = 0;
    this.#longestUntold = 0;
    return true;
  }

  #ends({ pid }: Watched, { silence, told }: Standstill): void {
    if (told) {
      log.info("the handler's event loop turns again, after {time}", {
        time: elapsed(silence),
        pid,
      });
    } else {
      this.#untold++;
      this.#longestUntold = Math.max(this.#longestUntold, silence);
    }
  }
}
