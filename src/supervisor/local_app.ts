import process from "node:process";
import {
  App,
  type AppAddress,
  type AppSnapshot,
  type ProbeForwarder,
  type StopOutcome,
} from "../app/app.ts";
import type { CheckResult } from "../app/checks.ts";
import type { Handler } from "../app/handler.ts";
import type { AppOptions } from "../app/options.ts";
import type { Worker, WorkerExit } from "./worker.ts";

/** The handler in the supervisor's own process: for tests, and for embedding Hurricane. */
export class LocalApp implements Worker {
  readonly pid = process.pid;
  readonly address: AppAddress;
  /** Whoever can ask shares the event loop, so it turns. */
  readonly silence = 0;
  readonly exit: Promise<WorkerExit>;

  readonly #app: App;
  readonly #exited = Promise.withResolvers<WorkerExit>();

  private constructor(app: App, address: AppAddress) {
    this.#app = app;
    this.address = address;
    this.exit = this.#exited.promise;
  }

  /** Resolves when the handler listens; rejects where it cannot. */
  static async start(
    handler: Handler,
    options: AppOptions,
    respond?: ProbeForwarder,
  ): Promise<LocalApp> {
    const app = new App(handler, options);
    const address = await app.listen(respond);
    app.startHeartbeat(() => {});
    return new LocalApp(app, address);
  }

  get snapshot(): AppSnapshot {
    return this.#app.snapshot();
  }

  async refresh(): Promise<void> {}

  runChecks(probe: "readiness" | "liveness"): Promise<CheckResult[]> {
    return this.#app.runChecks(probe);
  }

  handlerMetrics(): Promise<unknown[]> {
    return this.#app.handlerMetrics();
  }

  drain(): void {
    this.#app.drain();
  }

  async stop(timeout: number): Promise<StopOutcome> {
    const outcome = await this.#app.stop(timeout);
    this.#exited.resolve({ reason: "stopped", asked: true });
    return outcome;
  }

  /** There is no other process: the embedding program's signals are its own. */
  signal(): void {}

  /** There is no process to end: what is in flight is cut off. */
  kill(): void {
    void this.stop(0);
  }
}
