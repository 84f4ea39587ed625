import { setImmediate } from "node:timers/promises";
import type { ServiceOptions } from "../options/service_options.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import { countersTimeout, killTimeout, standsStillAfter } from "../timeline.ts";
import { LongQueue } from "./long_queue.ts";
import type { QueuedWorker, QueueReading, RequestQueue } from "./queue.ts";

/** A stage in the life of the service. */
export type Phase = "starting" | "serving" | "draining" | "failed" | "stopped";

/** How one of the handler's own checks went. `trace` never leaves through a probe. */
export interface CheckOutcome {
  name: string;
  status: "succeeded" | "failed";
  duration_ms: number;
  message?: string;
  trace?: string;
  details?: Record<string, unknown>;
}

/** What the probes need to know of a worker. */
export interface ProbedWorker extends QueuedWorker {
  readonly pid: number;
  readonly address: {
    port: number;
    hostname?: string;
    checks: Record<"readiness" | "liveness", number>;
  };
  runChecks(probe: "readiness" | "liveness"): Promise<CheckOutcome[] | undefined>;
}

/** What the probes need to know of the service. */
export interface ProbedService {
  readonly phase: Phase;
  /** What the phase is busy with, or why it failed. */
  readonly detail: string;
  /** How long the start took, once it is over, in seconds. */
  readonly startupSeconds: number | undefined;
  /** The workers that serve. */
  readonly workers: readonly ProbedWorker[];
  /** Those that only finish what they have. */
  readonly retiring: readonly QueuedWorker[];
  /** For how long one that should be there has been missing, in milliseconds. */
  readonly downFor: number;
  /** Why no messages are taken from the broker; `undefined` where they are, or where there is none. */
  readonly messagesObstacle?: string | undefined;
}

/**
 * The limits that decide a verdict. `stallTimeout` is `Infinity` with `--debugger`, which stops an
 * event loop at a breakpoint.
 */
export type ProbeLimits = Pick<ServiceOptions, "reqQueueLen" | "stallTimeout">;

/** What a probe found. */
export interface Verdict {
  type: ProbeType;
  /** The HTTP status: 200, or 400 for a state that passes, or 500 for a fault. */
  status: 200 | 400 | 500;
  message: string;
  queue?: QueueReading & { limit: number };
  checks?: CheckOutcome[];
}

/** Decides what each probe says. Concurrent probes of one type share one verdict. */
export class Probes {
  readonly #service: ProbedService;
  readonly #limits: ProbeLimits;
  readonly #queue: RequestQueue;
  readonly #running = new Map<ProbeType, Promise<Verdict>>();
  readonly #lastChecks = { readiness: new LastChecks(), liveness: new LastChecks() };
  readonly #longQueue = new LongQueue();

  constructor(service: ProbedService, limits: ProbeLimits, queue: RequestQueue) {
    this.#service = service;
    this.#limits = limits;
    this.#queue = queue;
  }

  /** The answer of a probe now. */
  ask(type: ProbeType): Promise<Verdict> {
    let verdict = this.#running.get(type);
    if (verdict === undefined) {
      verdict = this.#decide(type).finally(() => this.#running.delete(type));
      this.#running.set(type, verdict);
    }
    return verdict;
  }

  #decide(type: ProbeType): Promise<Verdict> {
    switch (type) {
      case "startup":
        return Promise.resolve(this.#startup());
      case "readiness":
        return this.#readiness();
      case "liveness":
        return this.#liveness();
    }
  }

  /** Has the service started? https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/ */
  #startup(): Verdict {
    const { phase, detail, startupSeconds } = this.#service;
    const type = "startup";
    if (startupSeconds === undefined) return { type, status: 400, message: `${phase}: ${detail}` };
    return { type, status: 200, message: `started in ${startupSeconds.toFixed(3)}s` };
  }

  /** Should it be sent requests? */
  async #readiness(): Promise<Verdict> {
    const before = this.#nobodyServes();
    if (before !== undefined) return before;
    const type = "readiness";
    const { workers, retiring } = this.#service;
    const { length, handler, kernel } = await this.#queue.read([...workers, ...retiring]);
    const queue = { length, limit: this.#limits.reqQueueLen, handler, kernel };
    if (queue.length > queue.limit) {
      this.#longQueue.seen(queue, workers);
      const message = `request queue length ${queue.length} exceeds ${queue.limit}`;
      return { type, status: 400, message, queue };
    }
    this.#longQueue.over();
    const { messagesObstacle } = this.#service;
    if (messagesObstacle !== undefined) {
      return { type, status: 400, message: `no messages are taken: ${messagesObstacle}`, queue };
    }
    const checks = await this.#runChecks(type);
    // Checks may take their time, and the last worker may have ended meanwhile.
    const after = this.#nobodyServes();
    if (after !== undefined) return after;
    const message = failure(checks) ??
      `ready, request queue length ${queue.length} of ${queue.limit}`;
    return { type, status: failed(checks) ? 500 : 200, message, queue, checks };
  }

  /** The verdict of readiness where there is nobody to send requests to. */
  #nobodyServes(): Verdict | undefined {
    const { phase, detail, workers } = this.#service;
    const type = "readiness";
    if (phase !== "serving") return { type, status: 400, message: `${phase}: ${detail}` };
    if (workers.length > 0) return undefined;
    return { type, status: 400, message: `no worker is up: ${detail}` };
  }

  /** Should it be restarted? */
  async #liveness(): Promise<Verdict> {
    const { phase, detail, workers } = this.#service;
    const type = "liveness";
    if (phase === "failed") return { type, status: 500, message: `failed: ${detail}` };
    if (phase === "serving" && this.#service.downFor > this.#limits.stallTimeout) {
      const seconds = (this.#service.downFor / 1000).toFixed(1);
      const what = workers.length === 0 ? "no worker has been up" : "a worker has been down";
      return { type, status: 500, message: `${what} for ${seconds}s: ${detail}` };
    }
    for (const worker of workers) {
      // One that stands still is killed and replaced first; what is left withstood that.
      const limit = this.#limits.stallTimeout + killTimeout;
      if (worker.silence <= limit) continue;
      await worker.refresh(countersTimeout);
      if (worker.silence <= limit || !this.#serves(worker)) continue;
      const stood = (worker.silence / 1000).toFixed(1);
      const most = this.#limits.stallTimeout / 1000;
      const message = `the event loop has stood still for ${stood}s, longer than ${most}s`;
      return { type, status: 500, message };
    }
    if (phase !== "serving") return { type, status: 200, message: `alive, ${phase}` };
    const checks = await this.#runChecks(type);
    return {
      type,
      status: failed(checks) ? 500 : 200,
      message: failure(checks) ?? "alive",
      checks,
    };
  }

  /**
   * The results of the handler's own checks, of those workers that still serve when all are there. A
   * worker whose event loop stands still runs none: how long it may do so is for liveness to judge, and
   * until then its last results stand.
   */
  async #runChecks(type: "readiness" | "liveness"): Promise<CheckOutcome[]> {
    const asked = this.#service.workers.filter((worker) => worker.address.checks[type] > 0);
    if (asked.length === 0) return [];
    const ran = await Promise.all(asked.map(async (worker) => {
      const results = worker.silence > standsStillAfter ? undefined : await worker.runChecks(type);
      return { worker, results };
    }));
    // Of a worker that gives no answer because it has ended, the service knows by the end of this turn.
    if (ran.some(({ results }) => results === undefined)) await setImmediate();
    const serving = ran.filter(({ worker }) => this.#serves(worker));
    // All have been replaced meanwhile: it is for those that serve now to say.
    if (serving.length === 0) return await this.#runChecks(type);
    const last = this.#lastChecks[type];
    if (serving.every(({ worker }) => worker.silence > standsStillAfter)) return last.ofAll;
    // What one says that turns counts, whoever else stands still.
    last.ofAll = serving.flatMap(({ worker, results }) => {
      if (worker.silence > standsStillAfter) return last.of.get(worker) ?? [];
      const found = results ?? [noAnswer];
      last.of.set(worker, found);
      return found;
    });
    return last.ofAll;
  }

  #serves(worker: ProbedWorker): boolean {
    return this.#service.workers.includes(worker);
  }
}

/** The last results of the checks of one probe. */
class LastChecks {
  ofAll: CheckOutcome[] = [];
  readonly of = new WeakMap<ProbedWorker, CheckOutcome[]>();
}

/** The worker serves and its event loop turns, but no results came: its checks have hung it up. */
const noAnswer: CheckOutcome = {
  name: "the handler's process",
  status: "failed",
  duration_ms: 0,
  message: "no answer",
};

function failed(checks: readonly CheckOutcome[]): boolean {
  return checks.some((check) => check.status === "failed");
}

/** Names each failed check, as in `database failed: Error: connection refused`. */
function failure(checks: readonly CheckOutcome[]): string | undefined {
  const failures = checks.filter((check) => check.status === "failed");
  if (failures.length === 0) return undefined;
  return failures.map(({ name, message }) => `${name} failed: ${message}`).join("; ");
}
