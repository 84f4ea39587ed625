import { logger } from "../log.ts";
import { kernelQueue } from "./kernel_queue.ts";

const log = logger("probes");

/**
 * How long a worker may be silent before its event loop counts as standing still, in milliseconds.
 * A worker shows a sign of life every 100 ms.
 */
export const standsStillAfter = 300;

/** How long a probe waits for a worker's newest counters, in milliseconds. */
const patience = 2;

/** What a queue needs to know of a worker. */
export interface QueuedWorker {
  readonly address: { port: number };
  readonly snapshot: { inFlight: number };
  readonly silence: number;
  refresh(patience: number): Promise<void>;
}

/** The request queue: what waits for the handler, over all workers, in it and in the kernel. */
export class RequestQueue {
  #told = false;

  /**
   * How many requests wait: those that the handler has been given and not answered, connections
   * that no worker has accepted, and, while an event loop stands still, requests that nobody has
   * read on open connections.
   */
  async length(workers: readonly QueuedWorker[]): Promise<number> {
    await Promise.all(workers.map((worker) => worker.refresh(patience)));
    const ports = new Set(workers.map((worker) => worker.address.port));
    const unread = workers.some((worker) => worker.silence > standsStillAfter);
    let length = workers.reduce((sum, worker) => sum + worker.snapshot.inFlight, 0);
    for (const port of ports) {
      const kernel = kernelQueue(port, { unread });
      if (kernel === undefined) this.#tell();
      else length += kernel.unaccepted + kernel.unread;
    }
    return length;
  }

  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    log.warn("/proc/net/tcp cannot be read: the request queue lacks what waits in the kernel");
  }
}
