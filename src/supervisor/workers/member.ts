import type { StopOutcome } from "../../app/app.ts";
import { begin, type Life, type LifeEvent, type LifeState, live } from "./life.ts";
import type { Worker } from "./worker.ts";

/** A worker, and where it is in its life. */
export class Member {
  readonly worker: Worker;
  readonly #now: () => number;
  #life: Life;
  #stopping: Promise<StopOutcome> | undefined;

  /** @param now a clock in milliseconds */
  constructor(worker: Worker, now: () => number) {
    this.worker = worker;
    this.#now = now;
    this.#life = begin(now());
  }

  get life(): Life {
    return this.#life;
  }

  /** Is it in one of these states? */
  is(...states: LifeState[]): boolean {
    return states.includes(this.#life.state);
  }

  /** Takes note of an event. `false` where it does not change anything: it came too late. */
  take(event: LifeEvent): boolean {
    const next = live(this.#life, event, this.#now());
    if (next === undefined) return false;
    this.#life = next;
    return true;
  }

  /** Ends it at once. */
  kill(): void {
    this.take({ type: "told", why: "abandoned" });
    this.worker.kill();
  }

  /**
   * Lets it finish what is in flight for up to `timeout` milliseconds. Resolves when it has ended, with
   * how that went; asked again, with the same.
   */
  stop(timeout: number): Promise<StopOutcome> {
    this.#stopping ??= this.#stop(timeout);
    return this.#stopping;
  }

  async #stop(timeout: number): Promise<StopOutcome> {
    const outcome = await this.worker.stop(timeout);
    await this.worker.exit;
    return outcome;
  }
}
