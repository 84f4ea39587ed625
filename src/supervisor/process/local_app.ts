import process from "node:process";
import { App, type StopOutcome } from "../../app/app.ts";
import type { Handler } from "../../app/handler.ts";
import type { ProbeForwarder } from "../../app/layers.ts";
import type { AppOptions } from "../../app/options.ts";
import type { AppAddress, CheckResult } from "../../app/protocol.ts";
import { CollectedMetrics } from "../../metrics/collected.ts";
import type { Family } from "../../metrics/family.ts";
import type { AppSnapshot } from "../../metrics/snapshot.ts";
import type { Worker, WorkerExit, WorkerMetrics } from "../workers/worker.ts";

/** The handler in the supervisor's own process: for tests, and for embedding Hurricane. */
export class LocalApp implements Worker {
  readonly pid = process.pid;
  /** Whoever can ask shares the event loop, so it turns. */
  readonly silence = 0;
  onPulse: () => void = () => {};
  lastMetrics: WorkerMetrics | undefined;
  readonly imports = [];
  onImports: () => void = () => {};
  readonly loaded = Promise.resolve();
  readonly exit: Promise<WorkerExit>;

  readonly #app: App;
  readonly #respond: ProbeForwarder | undefined;
  #address: AppAddress | undefined;
  /** What the last reading gave. */
  #metrics: readonly Family[] = [];
  #stopping: Promise<StopOutcome> | undefined;
  readonly #exited = Promise.withResolvers<WorkerExit>();

  /** `respond` answers probes on the handler's port. */
  constructor(handler: Handler, options: AppOptions, respond?: ProbeForwarder) {
    this.#app = new App(handler, options);
    this.#respond = respond;
    this.exit = this.#exited.promise;
  }

  async listen(port: number): Promise<void> {
    const address = await this.#app.listen(port, this.#respond);
    this.#address = { ...address, checks: this.#app.checks };
    this.#app.startHeartbeat(() => this.onPulse());
  }

  get address(): AppAddress {
    if (this.#address === undefined) throw new Error("the handler does not listen yet");
    return this.#address;
  }

  get snapshot(): AppSnapshot {
    return this.#app.snapshot();
  }

  async refresh(): Promise<void> {}

  runChecks(probe: "readiness" | "liveness"): Promise<CheckResult[]> {
    return this.#app.runChecks(probe);
  }

  async handlerMetrics(timeout: number): Promise<WorkerMetrics> {
    const collected = new CollectedMetrics(this.#metrics);
    const missing = await this.#app.handlerMetrics(timeout, (part) => collected.add(part));
    const { metrics } = collected;
    this.#metrics = metrics;
    return { metrics, missing };
  }

  /** There is one socket alone. */
  steer(): Promise<boolean> {
    return Promise.resolve(false);
  }

  drain(): void {
    this.#app.drain();
  }

  stop(timeout: number): Promise<StopOutcome> {
    this.#stopping ??= this.#stop(timeout);
    return this.#stopping;
  }

  async #stop(timeout: number): Promise<StopOutcome> {
    const collected = new CollectedMetrics();
    const { missing, ...outcome } = await this.#app.stop(timeout, (part) => collected.add(part));
    this.lastMetrics = { metrics: collected.metrics, missing };
    this.#exited.resolve({ reason: "stopped", asked: true });
    return outcome;
  }

  /** There is no other process: the embedding program's signals are its own. */
  signal(): void {}

  /** There is no process to end: what is in flight is cut off. One that never listened has nothing. */
  kill(): void {
    if (this.#address === undefined) {
      this.#exited.resolve({ reason: "never listened", asked: true });
    } else void this.stop(0);
  }
}
