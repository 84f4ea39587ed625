import { logger } from "../log.ts";
import { countersTimeout, overdueAfter, standsStillAfter } from "../timeline.ts";
import { KernelQueue, type ListeningPort } from "./kernel_queue.ts";
import { UnreadRequests } from "./unread.ts";

const log = logger("probes");

/** What a queue needs to know of a worker. */
export interface QueuedWorker {
  readonly address: { port: number; hostname?: string };
  readonly snapshot: { inFlight: number; loopDelay: number };
  readonly silence: number;
  refresh(timeout: number): Promise<void>;
}

/** The request queue at one moment. */
export interface QueueReading {
  /** All that counts: the sum of the parts, or the handler's alone. */
  length: number;
  /** Requests that the handler has been given and has not answered: they may merely await something. */
  handler: number;
  /** What waits for the handler's event loop. `undefined` where the kernel does not tell (not Linux). */
  kernel: number | undefined;
}

/** The request queue: what waits for the handler, over all workers, in it and in the kernel. */
export class RequestQueue {
  readonly #kernel: KernelQueue;
  readonly #unread: UnreadRequests;
  readonly #refusesLate: boolean;
  #warned = false;

  /**
   * @param refusesLate are requests refused that wait for too long (`--max-wait`)? Then what waits in the
   * kernel is not counted while the event loops turn: it is soon answered or refused, and to take the pod
   * out of its Service over it would leave it to the others, until there is none
   */
  constructor(kernel: KernelQueue = new KernelQueue(), refusesLate = false) {
    this.#kernel = kernel;
    this.#refusesLate = refusesLate;
    this.#unread = new UnreadRequests(kernel);
  }

  /**
   * How many requests wait: those that the handler has been given and not answered, connections
   * that no worker has accepted, and, while an event loop stands still, requests that nobody has
   * read on open connections.
   */
  async read(workers: readonly QueuedWorker[]): Promise<QueueReading> {
    // One that is busy cannot answer, and when it has time again its heartbeat comes as soon.
    const turning = workers.filter(({ silence }) => silence <= overdueAfter);
    await Promise.all(turning.map((worker) => worker.refresh(countersTimeout)));
    const handler = workers.reduce((sum, worker) => sum + worker.snapshot.inFlight, 0);
    const ports = listeningPorts(workers);
    const unaccepted = ports.map((port) => this.#kernel.unaccepted(port));
    if (unaccepted.includes(undefined)) {
      this.#warn();
      return { length: handler, handler, kernel: undefined };
    }
    const silence = Math.max(0, ...workers.map((worker) => worker.silence));
    let unread = 0;
    if (silence > standsStillAfter) unread = await this.#unread.count(ports);
    else if (silence > overdueAfter) this.#unread.begin(ports);
    else this.#unread.forget();
    const kernel = unaccepted.reduce<number>((sum, count) => sum + (count ?? 0), unread);
    const counts = !this.#refusesLate || silence > standsStillAfter;
    return { length: counts ? handler + kernel : handler, handler, kernel };
  }

  #warn(): void {
    if (this.#warned) return;
    this.#warned = true;
    log.warn("/proc/net/tcp cannot be read: the request queue lacks what waits in the kernel");
  }
}

function listeningPorts(workers: readonly QueuedWorker[]): ListeningPort[] {
  const ports = new Map<number, ListeningPort>();
  for (const { address: { port, hostname } } of workers) {
    const sockets = (ports.get(port)?.sockets ?? 0) + 1;
    ports.set(port, { port, sockets, ...(hostname === undefined ? {} : { hostname }) });
  }
  return [...ports.values()];
}
