import process from "node:process";
import { logger } from "../log.ts";
import type { MetricsInput } from "../metrics/catalogue.ts";
import type { Family } from "../metrics/family.ts";
import { type Exposition, exposition } from "../metrics/exposition.ts";
import { ProcessMetrics } from "../metrics/process.ts";
import { type RequestSnapshot, requestSnapshot } from "../metrics/snapshot.ts";
import { retireMetrics } from "../metrics/retired.ts";
import { SteadySums } from "../metrics/steady.ts";
import type { RequestQueue } from "../probes/queue.ts";
import { runtime } from "../runtime/mod.ts";
import {
  dueSilence,
  longestScrapeTimeout,
  oftenTold,
  scrapeShare,
  scrapeTimeout,
} from "../timeline.ts";
import { version } from "../version.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import type { MessagePump } from "./amqp/message_pump.ts";
import type { CheckHealth } from "./health.ts";
import { type RestartReason, restartReasons } from "./workers/life.ts";
import { UnreadMetrics } from "./unread_metrics.ts";
import type { Worker, WorkerMetrics } from "./workers/worker.ts";

const log = logger("metrics");

/** What a scrape asks of the service at that moment. */
export interface ScrapedService {
  readonly workers: readonly Worker[];
  readonly retiring: readonly Worker[];
  readonly startupSeconds: number | undefined;
  readonly probeHealthy: Partial<Record<ProbeType, boolean>>;
  /** What each of the handler's own checks said last. */
  readonly checkHealthy: readonly CheckHealth[];
  /** Webhooks that have not ended, over all receivers. */
  readonly webhooksPending: number | undefined;
}

/** Gathers what `/metrics` shows: the supervisor's own counts, and those of all workers ever. */
export class Scrape {
  readonly #service: ScrapedService;
  readonly #queue: RequestQueue;
  readonly #queueLimit: number;
  readonly #version: Pick<MetricsInput, "version" | "appVersion">;
  readonly #pump: Pick<MessagePump, "counts" | "obstacle" | "pid"> | undefined;
  readonly #processes = new ProcessMetrics();
  readonly #commands: { command: string; seconds: number }[] = [];
  /** The command that runs, and since when. */
  #running: { command: string; began: number } | undefined;
  /** Counters that are there from the start, at 0, so that the first event is seen as a rise. */
  readonly #deliveries = new Map<string, { type: string; outcome: string; count: number }>();
  readonly #restarts = new Map<string, number>(restartReasons.map((reason) => [reason, 0]));
  readonly #custom = new Map<Worker, Family[]>();
  readonly #unread = new UnreadMetrics();
  /** When the log told last that a worker's own metrics cannot be read. */
  readonly #unreadTold = new WeakMap<Worker, number>();
  readonly #steady = new SteadySums();
  #retired = requestSnapshot.empty();
  #retiredCustom: Promise<Family[]> = Promise.resolve([]);

  constructor(
    service: ScrapedService,
    queue: RequestQueue,
    { reqQueueLen, webhookUrl, appVersion }: {
      reqQueueLen: number;
      webhookUrl: readonly string[];
      appVersion?: string;
    },
    pump?: Pick<MessagePump, "counts" | "obstacle" | "pid">,
  ) {
    this.#service = service;
    this.#pump = pump;
    this.#queue = queue;
    this.#queueLimit = reqQueueLen;
    this.#version = appVersion === undefined ? { version } : { version, appVersion };
    if (webhookUrl.length === 0) return;
    for (const type of ["startup", "readiness", "liveness"]) {
      for (const outcome of ["delivered", "failed", "dropped"]) this.#addDelivery(type, outcome, 0);
    }
  }

  commandBegan(command: string): void {
    this.#running = { command, began: performance.now() };
  }

  commandEnded(command: string, milliseconds: number): void {
    this.#running = undefined;
    this.#commands.push({ command, seconds: milliseconds / 1000 });
  }

  webhookEnded(type: string, outcome: string): void {
    this.#addDelivery(type, outcome, 1);
  }

  #addDelivery(type: string, outcome: string, by: number): void {
    const key = `${type} ${outcome}`;
    const { count } = this.#deliveries.get(key) ?? { count: 0 };
    this.#deliveries.set(key, { type, outcome, count: count + by });
  }

  workerRestarted(reason: RestartReason): void {
    this.#restarts.set(reason, (this.#restarts.get(reason) ?? 0) + 1);
  }

  /** What all workers ever have counted of their requests, as far as it is known now. */
  get counted(): RequestSnapshot {
    return this.#workers().map((worker) => worker.snapshot.requests)
      .reduce(requestSnapshot.add, this.#retired);
  }

  /** How many requests all workers ever have refused, by why. */
  get shed(): RequestSnapshot["shed"] {
    const sum = { ...this.#retired.shed };
    for (const { snapshot: { requests: { shed } } } of this.#workers()) {
      sum.inflight += shed.inflight;
      sum.wait += shed.wait;
    }
    return sum;
  }

  /** How late the event loop is that is latest, in seconds. */
  get loopDelay(): number {
    return Math.max(0, ...this.#workers().map(loopDelay));
  }

  /** Keeps what a worker that is gone has counted, so that no sum goes down. */
  retire(worker: Worker): void {
    this.#retired = requestSnapshot.add(this.#retired, worker.snapshot.requests);
    const { lastMetrics } = worker;
    const before = this.#custom.get(worker);
    const custom = lastMetrics === undefined ? before : this.#completed(lastMetrics, before);
    this.#custom.delete(worker);
    if (custom === undefined) return;
    this.#retiredCustom = this.#retiredCustom.then((retired) => retireMetrics(retired, custom));
  }

  /**
   * The answer to a scrape, in the format that `accept` asks for.
   *
   * @param waits the header in which Prometheus says for how many seconds it waits
   */
  async expose(accept: string | undefined, waits?: string): Promise<Exposition> {
    const asked = this.#workers();
    const queue = await this.#queue.read(asked);
    const patience = patienceOf(waits);
    const [messages] = await Promise.all([
      this.#pump?.counts(),
      ...asked.map((worker) => this.#readCustom(worker, patience)),
    ]);
    const retiredCustom = await this.#settledRetiredCustom();
    // From here on nothing is waited for: a worker that is retired now is not counted twice.
    const workers = this.#workers();
    const { startupSeconds, probeHealthy, checkHealthy, webhooksPending } = this.#service;
    return await exposition(
      {
        requests: this.counted,
        activeRequests: workers.reduce((sum, worker) => sum + worker.snapshot.inFlight, 0),
        queue,
        queueLimit: this.#queueLimit,
        ...(startupSeconds === undefined ? {} : { startupSeconds }),
        commandSeconds: this.#commandSeconds,
        probeHealthy,
        checkHealthy,
        webhookDeliveries: [...this.#deliveries.values()],
        ...(webhooksPending === undefined ? {} : { webhooksPending }),
        metricsErrors: this.#unread.counts,
        workerRestarts: [...this.#restarts].map(([reason, count]) => ({ reason, count })),
        ...(this.#pump === undefined || messages === undefined
          ? {}
          : { messages: { connected: this.#pump.obstacle === undefined, queues: messages } }),
        eventLoopDelaySeconds: this.loopDelay,
        ...this.#version,
        runtime: `${runtime.name} ${runtime.version}`,
        process: this.#processes.read([
          ...new Set([
            process.pid,
            this.#pump?.pid ?? process.pid,
            ...workers.map(({ pid }) => pid),
          ]),
        ]),
        custom: [...workers.map((worker) => this.#custom.get(worker) ?? []), retiredCustom],
      },
      accept,
      this.#steady,
    );
  }

  /** With the one that runs: one that hangs is seen to grow. */
  get #commandSeconds(): { command: string; seconds: number }[] {
    if (this.#running === undefined) return this.#commands;
    const { command, began } = this.#running;
    return [...this.#commands, { command, seconds: (performance.now() - began) / 1000 }];
  }

  #workers(): Worker[] {
    return [...this.#service.workers, ...this.#service.retiring];
  }

  async #settledRetiredCustom(): Promise<Family[]> {
    for (;;) {
      const pending = this.#retiredCustom;
      const retired = await pending;
      if (pending === this.#retiredCustom) return retired;
    }
  }

  /**
   * A reading with what stands of the one before in place of what is missing: all that only rises. A gauge
   * would be untrue by now.
   */
  #completed({ metrics, missing }: WorkerMetrics, before: Family[] = []): Family[] {
    for (const { name, reason } of missing) this.#unread.count(name, reason);
    const names = new Set(missing.map(({ name }) => name));
    const stand = before.filter(({ name, type }) => type !== "gauge" && names.has(name));
    return [...metrics.filter(({ name }) => !names.has(name)), ...stand];
  }

  /** Reads the handler's own metrics; what a worker that gives none in time said last stands. */
  async #readCustom(worker: Worker, patience: number): Promise<void> {
    const answer = await worker.handlerMetrics(patience);
    // A worker that ended meanwhile has been retired with what it said before.
    if (!this.#workers().includes(worker)) return;
    if ("metrics" in answer) {
      this.#custom.set(worker, this.#completed(answer, this.#custom.get(worker)));
      return;
    }
    const last = this.#custom.get(worker);
    // A handler that has none loses none.
    if (last?.length === 0) return;
    const now = performance.now();
    if (now - (this.#unreadTold.get(worker) ?? -Infinity) < oftenTold) return;
    this.#unreadTold.set(worker, now);
    log.warn("the handler's own metrics cannot be read from process {pid}: {error}; {instead}", {
      pid: worker.pid,
      error: answer.error,
      instead: last === undefined
        ? "the scrape is without them"
        : "the scrape shows those of the one before",
    });
  }
}

/** How long the handler's own metrics are waited for, in milliseconds, by what a scrape says. */
function patienceOf(seconds: string | undefined): number {
  const said = Number(seconds) * 1000;
  const timeout = said > 0 ? Math.min(said, longestScrapeTimeout) : scrapeTimeout;
  return timeout * scrapeShare;
}

/**
 * A loop that stands still has a delay that grows, from when its heartbeat was due; it cannot
 * report it itself.
 */
export function loopDelay({ snapshot, silence }: Worker): number {
  return Math.max(snapshot.loopDelay, (silence - dueSilence) / 1000);
}
