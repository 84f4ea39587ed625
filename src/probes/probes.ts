import type { ProbeType } from "../webhooks/payload.ts";
import { countersTimeout, killTimeout, standsStillAfter } from "../timeline.ts";
import type { QueuedWorker, RequestQueue } from "./queue.ts";

/** A stage in the life of the service. */
export type Phase = "starting" | "serving" | "draining" | "failed" | "stopped";

/** How one of the handler's own checks went. `trace` never leaves through a probe. */
export interface CheckOutcome {
  name: string;
  status: "succeeded" | "failed";
  duration_ms: number;
  message?: string;
  trace?: string;
}

/** What the probes need to know of a worker. */
export interface ProbedWorker extends QueuedWorker {
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
}

/** The limits that decide a verdict. */
export interface ProbeLimits {
  /** The longest request queue of a service that is ready. Default 10. */
  reqQueueLen: number;
  /**
   * How long an event loop may stand still, in milliseconds. Default 30 s; `Infinity` with
   * `--debugger`, which stops it at a breakpoint.
   */
  stallTimeout: number;
}

/** What a probe found. */
export interface Verdict {
  type: ProbeType;
  /** The HTTP status: 200, or 400 for a state that passes, or 500 for a fault. */
  status: 200 | 400 | 500;
  message: string;
  queue?: { length: number; limit: number };
  checks?: CheckOutcome[];
}

/** Decides what each probe says. Concurrent probes of one type share one verdict. */
export class Probes {
  readonly #service: ProbedService;
  readonly #limits: ProbeLimits;
  readonly #queue: RequestQueue;
  readonly #running = new Map<ProbeType, Promise<Verdict>>();
  readonly #lastChecks = new Map<ProbeType, CheckOutcome[]>();

  constructor(service: ProbedService, limits: ProbeLimits, queue: RequestQueue) {
    this.#service = service;
    this.#limits = limits;
    this.#queue = queue;
  }

  /** The answer of a probe now. */
  ask(type: ProbeType): Promise<Verdict> {
    let verdict = this.#running.get(type);
    if (verdict === undefined) {
      verdict = this[type]().finally(() => this.#running.delete(type));
      this.#running.set(type, verdict);
    }
    return verdict;
  }

  /** Has the service started? https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/ */
  private async startup(): Promise<Verdict> {
    const { phase, detail, startupSeconds } = this.#service;
    if (startupSeconds === undefined) {
      return await Promise.resolve({
        type: "startup",
        status: 400,
        message: `${phase}: ${detail}`,
      });
    }
    return { type: "startup", status: 200, message: `started in ${startupSeconds.toFixed(3)}s` };
  }

  /** Should it be sent requests? */
  private async readiness(): Promise<Verdict> {
    const { phase, detail, workers, retiring } = this.#service;
    const type = "readiness";
    if (phase !== "serving") return { type, status: 400, message: `${phase}: ${detail}` };
    if (workers.length === 0) return { type, status: 400, message: `no worker is up: ${detail}` };
    const length = await this.#queue.length([...workers, ...retiring]);
    const queue = { length, limit: this.#limits.reqQueueLen };
    if (queue.length > queue.limit) {
      const message = `request queue length ${queue.length} exceeds ${queue.limit}`;
      return { type, status: 400, message, queue };
    }
    const checks = await this.#runChecks(type, workers);
    const message = failure(checks) ??
      `ready, request queue length ${queue.length} of ${queue.limit}`;
    return { type, status: failed(checks) ? 500 : 200, message, queue, checks };
  }

  /** Should it be restarted? */
  private async liveness(): Promise<Verdict> {
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
      if (worker.silence <= limit) continue;
      const stood = (worker.silence / 1000).toFixed(1);
      const most = this.#limits.stallTimeout / 1000;
      const message = `the event loop has stood still for ${stood}s, longer than ${most}s`;
      return { type, status: 500, message };
    }
    if (phase !== "serving") return { type, status: 200, message: `alive, ${phase}` };
    const checks = await this.#runChecks(type, workers);
    return {
      type,
      status: failed(checks) ? 500 : 200,
      message: failure(checks) ?? "alive",
      checks,
    };
  }

  /**
   * The results of the handler's own checks. A worker whose event loop stands still runs none: how
   * long it may do so is for liveness to judge, and until then the last results stand.
   */
  async #runChecks(
    type: "readiness" | "liveness",
    workers: readonly ProbedWorker[],
  ): Promise<CheckOutcome[]> {
    const asked = workers.filter((worker) => worker.address.checks[type] > 0);
    if (asked.length === 0) return [];
    const ran = await Promise.all(
      asked.map((worker) => worker.silence > standsStillAfter ? undefined : worker.runChecks(type)),
    );
    if (asked.some((worker) => worker.silence > standsStillAfter)) {
      return this.#lastChecks.get(type) ?? [];
    }
    const results = ran.flatMap((result) => result ?? [noAnswer]);
    this.#lastChecks.set(type, results);
    return results;
  }
}

/** The worker has neither answered nor stands still: it has ended, or its checks have hung it up. */
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
