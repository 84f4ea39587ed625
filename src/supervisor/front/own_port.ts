import { setTimeout as sleep } from "node:timers/promises";
import { ListenError } from "../../app/listen_error.ts";
import { strangerWasFirst } from "../../kernel_sockets.ts";
import { runtime } from "../../runtime/mod.ts";
import type { FetchHandler } from "../../runtime/runtime.ts";
import type { Launch } from "../workers/launch.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import { appOptions } from "../process/app_options.ts";
import type { WorkerPool } from "../workers/pool.ts";
import type { Worker } from "../workers/worker.ts";
import type { Front, FrontContext, WorkerAddress } from "./front.ts";
import { ProbeListener } from "./probe_listener.ts";

/**
 * How long a worker that is replaced serves the connections that it has, at least, in milliseconds:
 * each answer in that time asks its client to open another one.
 */
const leastLeave = 1000;

/** What the system would have said, had it been asked alone. */
const taken = { code: "EADDRINUSE", message: "the port is taken" };
/**
 * How many connections the port of the probes may have: more than kubelets, scrapers and people need, and
 * few enough that descriptors are left for the next one where a process may have 256.
 */
const mostProbing = 128;

/** The workers listen where clients are, and the supervisor for the probes on another port. */
export class OwnPort implements Front {
  readonly workers: WorkerAddress;
  protected readonly options: ServiceOptions;
  protected context: FrontContext | undefined;
  protected listener: ProbeListener | undefined;
  readonly #launch: Launch;

  constructor(
    options: ServiceOptions,
    launch: Launch,
    workers: Partial<WorkerAddress> = {},
  ) {
    this.options = options;
    this.#launch = launch;
    this.workers = { hostname: options.host, port: options.port, reusePort: true, ...workers };
  }

  get port(): number {
    return this.pool.port;
  }

  get probes(): { hostname: string; port: number } | undefined {
    if (this.listener === undefined) return undefined;
    return { hostname: this.options.probeHost, port: this.listener.port };
  }

  async openProbes(context: FrontContext): Promise<void> {
    this.context = context;
    const { probe, probeHost: hostname, probePort: port } = this.options;
    if (!probe) return;
    this.listener = this.listenerOn({ hostname, port, reusePort: false });
    await this.listener.open();
  }

  /**
   * A port that is taken is better known before a migration has run than after it; and a port that is
   * to be shared among workers would be shared with a stranger's, too.
   */
  requireFree(): void {
    const { host: hostname, port, command } = this.options;
    if (command.length === 0 && !this.workers.reusePort) return;
    try {
      runtime.requireFree({ hostname, port });
    } catch (error) {
      throw new ListenError("the handler", "--port", { hostname, port }, error);
    }
  }

  start(): Promise<void> {
    return this.pool.start();
  }

  launch(): Worker {
    return this.#launch(appOptions(this.options, this.workers), this.respond);
  }

  /** Somebody may have come to share the port since it was free, during the commands at the latest. */
  async opened(worker: Worker): Promise<void> {
    if (!this.workers.reusePort || !runtime.systemCalls) return;
    const { port } = worker.address;
    if (!this.#strangerWasFirst(worker)) return;
    // A process that is killed keeps its socket until the kernel has taken back its memory, and for so
    // long nobody can see whose it is.
    await Promise.all(this.pool.dying.map(({ exit }) => exit));
    if (!this.#strangerWasFirst(worker)) return;
    const address = { hostname: this.options.host, port };
    throw new ListenError("the handler", "--port", address, taken);
  }

  #strangerWasFirst(worker: Worker): boolean {
    const own = [...this.pool.serving, ...this.pool.retiring, worker].map(({ pid }) => pid);
    return strangerWasFirst(worker.address.port, ["self", ...own]);
  }

  allDown(): Promise<void> {
    return Promise.resolve();
  }

  async left(_worker: Worker): Promise<void> {
    await sleep(Math.max(leastLeave, this.options.shutdownDelay), undefined, { ref: false });
  }

  up(_worker: Worker): void {}

  reload(): boolean {
    return false;
  }

  survives(_reason: string, _trace: string): boolean {
    return false;
  }

  drain(): void {}

  close(): void {}

  async end(): Promise<void> {
    await this.listener?.close();
  }

  /** Answers probes that come in on the handler's port. */
  protected get respond(): ((request: Request) => Promise<Response>) | undefined {
    return undefined;
  }

  protected get pool(): WorkerPool {
    if (this.context === undefined) throw new Error("the service has not started");
    return this.context.pool;
  }

  protected listenerOn(address: WorkerAddress): ProbeListener {
    const answer = this.context?.answerProbe as FetchHandler;
    return new ProbeListener(answer, {
      ...address,
      maxConnections: mostProbing,
      // A check may take its time; Bun's own limit of 10 s would cut its probe off.
      idleTimeout: Math.min(255, Math.ceil(this.options.checkTimeout / 1000) + 10),
    });
  }
}
