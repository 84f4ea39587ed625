import { messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import { unreadFresh, unreadStale, unreadTimeout } from "../timeline.ts";
import { within } from "../within.ts";
import type { KernelQueue, ListeningPort } from "./kernel_queue.ts";

const log = logger("probes");

/**
 * How many requests nobody has read, as counted last.
 *
 * With thousands of connections the kernel takes a good part of a second to show them. Who asks often
 * gets the last count at once, while the next one is under way.
 */
export class UnreadRequests {
  readonly #kernel: KernelQueue;
  #last: { since: number; count: number } | undefined;
  #running: Promise<void> | undefined;

  constructor(kernel: KernelQueue) {
    this.#kernel = kernel;
  }

  /** Begins to count, unless that is under way or was done a moment ago. */
  begin(ports: readonly ListeningPort[]): void {
    const since = performance.now();
    if (this.#running !== undefined || since - (this.#last?.since ?? -Infinity) <= unreadFresh) {
      return;
    }
    const running = this.#count(ports, since);
    this.#running = running;
    running.finally(() => this.#running = undefined).catch((error: unknown) => {
      log.debug("unread requests cannot be counted: {error}", { error: messageOf(error) });
    });
  }

  /** The count: the last one, or the next where that is too old. Rejects where the kernel refuses. */
  async count(ports: readonly ListeningPort[]): Promise<number> {
    this.begin(ports);
    const age = performance.now() - (this.#last?.since ?? -Infinity);
    if (age > unreadStale && this.#running !== undefined) {
      await within(unreadTimeout, this.#running);
    }
    return this.#last?.count ?? 0;
  }

  /** Drops the last count: event loops turn again. */
  forget(): void {
    this.#last = undefined;
  }

  async #count(ports: readonly ListeningPort[], since: number): Promise<void> {
    const counts = await Promise.all(ports.map((port) => this.#kernel.unread(port)));
    this.#last = { since, count: counts.reduce((sum, one) => sum + one, 0) };
  }
}
