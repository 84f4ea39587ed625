import type { Reloaded } from "../development/autoreload.ts";
import type { WorkerPool } from "../workers/pool.ts";
import type { PoolFront } from "../workers/pool_front.ts";
import type { Worker } from "../workers/worker.ts";

/** How the workers listen. */
export interface WorkerAddress {
  hostname: string;
  /** 0: each picks a free one. */
  port: number;
  /** Do they share it, with each other and maybe with the probes (`SO_REUSEPORT`)? */
  reusePort: boolean;
}

/** What a front gets to know of the service once that starts. */
export interface FrontContext {
  readonly pool: WorkerPool;
  /** Answers a request for a probe or for the metrics. */
  readonly answerProbe: (request: Request) => Promise<Response>;
  /** Aborted when the service is told to stop. */
  readonly signal: AbortSignal;
  /** To be told what is waited for while nothing serves. */
  readonly waitsFor: (what: string) => void;
  /** To be told of each hot reload. */
  readonly reloaded: (reload: Reloaded) => void;
}

/**
 * What stands in front of the workers: who listens where clients and kubelets are, and what that asks
 * of a worker that comes or goes.
 *
 * There are three: the workers on a port of their own and the probes on another (`OwnPort`), both on
 * one port (`SharedPort`), and hot reload, where the supervisor listens for clients (`Development`).
 * The service and the pool know this interface alone.
 */
export interface Front extends PoolFront {
  readonly workers: WorkerAddress;
  /** The port that clients use, once it is open. */
  readonly port: number;
  /** Where the probes are reached, once they are open; `undefined` where there are none. */
  readonly probes: { hostname: string; port: number } | undefined;
  /** Opens the probes. Rejects with a `ListenError` where their address cannot be had. */
  openProbes(context: FrontContext): Promise<void>;
  /** Throws a `ListenError` where the workers' address is taken: before anything else is done. */
  requireFree(): void;
  /** Starts the workers. Rejects where the service cannot serve. */
  start(): Promise<void>;
  /** A worker takes requests. */
  up(worker: Worker): void;
  /** Starts the handler anew in a way of its own; `false` where its workers are to be replaced. */
  reload(): boolean;
  /** The handler has crashed once too often. `false`: there is nothing to wait for. */
  survives(reason: string, trace: string): boolean;
  /** Each answer asks its client to open another connection from now on. */
  drain(): void;
  /** Takes no new connection of a client. */
  close(): void;
  /** Closes what is still open, the probes at last. */
  end(): Promise<void>;
}
