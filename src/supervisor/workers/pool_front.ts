import type { Worker } from "./worker.ts";

/** What the pool leaves to whatever stands in front of the workers. */
export interface PoolFront {
  /** Makes a worker that has yet to load its handler. */
  launch(): Worker;
  /** A worker listens. The next one is not let listen before this resolves. */
  opened(worker: Worker): Promise<void>;
  /** No worker is left. The next one is not started before this resolves. */
  allDown(): Promise<void>;
  /** Resolves when a worker in whose place another one serves has no more use. */
  left(worker: Worker): Promise<unknown>;
}
