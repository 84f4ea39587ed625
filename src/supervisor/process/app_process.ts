import type { ChildProcess } from "node:child_process";
import process from "node:process";
import {
  type AppAddress,
  type AppSnapshot,
  heartbeatInterval,
  metricsTimeout,
  onShutdownAtLeast,
  type StopOutcome,
} from "../../app/app.ts";
import { expired, within } from "../../within.ts";
import type { CheckResult } from "../../app/checks.ts";
import type { AppConfig } from "../../app/options.ts";
import { type AppMessage, expectStart } from "../../app/protocol.ts";
import { describe } from "../../errors.ts";
import { logger } from "../../log.ts";
import { emptySnapshot } from "../../metrics/snapshot.ts";
import { standsStillAfter } from "../../probes/queue.ts";
import { AppChannel } from "./app_channel.ts";
import { spawnApp } from "./app_spawn.ts";
import { located } from "../../source/locate.ts";
import { Silence } from "./silence.ts";
import { type Worker, WorkerError, type WorkerExit } from "../workers/worker.ts";

const log = logger("supervisor");

/** How long an app process may take to answer what needs no waiting, in milliseconds. */
const answerTimeout = 1000;

/** How long after its own time limit a stopping process is given to say so and exit. */
const stopGrace = 1000;

/** How long after its exit the last messages of a process are waited for, in milliseconds. */
const lastWordsTimeout = 1000;

/** What is said of a process that ended by itself. */
const exitedWith = (code: number | null): string => `exited with code ${code}`;
const exitedWell = exitedWith(0);

/** Answers a probe that came in on the handler's port. */
export type ProbeResponder = (request: Request) => Promise<Response>;

/** However the supervisor ends, the processes of the handler do not outlive it. */
const running = new Set<AppProcess>();
process.on("exit", () => {
  for (const worker of running) worker.kill();
});

/** A process of its own around the handler, and the messages to and from it. */
export class AppProcess implements Worker {
  readonly loaded: Promise<void>;
  readonly exit: Promise<WorkerExit>;
  snapshot: AppSnapshot = { inFlight: 0, answered: 0, loopDelay: 0, requests: emptySnapshot() };
  lastMetrics: unknown[] | undefined;
  imports: readonly string[] = [];
  onImports: () => void = () => {};

  readonly #silence: Silence;
  readonly #child: ChildProcess;
  readonly #channel: AppChannel;
  readonly #handler: string | undefined;
  readonly #respond: ProbeResponder | undefined;
  readonly #checkTimeout: number;
  readonly #loaded = Promise.withResolvers<void>();
  readonly #listening = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<StopOutcome>();
  #address: AppAddress | undefined;
  #error: WorkerError | undefined;
  #asked = false;
  /** Has it ended? Its last words may yet be to come. */
  #gone = false;
  #refreshing: Promise<unknown> | undefined;
  #stopping: Promise<StopOutcome> | undefined;

  /** Starts the process. `respond` answers probes on the handler's port. */
  constructor(config: AppConfig, respond?: ProbeResponder) {
    this.#handler = config.handler;
    this.#respond = respond;
    this.#checkTimeout = config.options.checkTimeout;
    const { child, waits } = spawnApp(config);
    this.#child = child;
    this.#channel = new AppChannel(child, (message) => this.#receive(message));
    this.#silence = new Silence(() => {
      // Whoever waits for an answer need not wait any longer.
      if (this.silence > standsStillAfter) this.#channel.answerNone();
    });
    if (waits) this.#channel.send({ type: "start", config });
    expectStart();
    this.loaded = this.#loaded.promise;
    // Who does not get as far as to wait for them is told otherwise.
    this.loaded.catch(() => {});
    this.#listening.promise.catch(() => {});
    this.exit = this.#watch();
  }

  async listen(port: number): Promise<void> {
    this.#channel.send({ type: "listen", port });
    try {
      await this.#listening.promise;
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  get silence(): number {
    return this.#silence.milliseconds;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get address(): AppAddress {
    if (this.#address === undefined) throw new Error("the handler does not listen yet");
    return this.#address;
  }

  async refresh(patience: number): Promise<void> {
    // One question is enough, however many probes ask: a blocked process would find a heap of them.
    this.#refreshing ??= this.#channel.ask({ type: "snapshot" }, answerTimeout)
      .finally(() => this.#refreshing = undefined);
    await within(patience, this.#refreshing);
  }

  async runChecks(probe: "readiness" | "liveness"): Promise<CheckResult[] | undefined> {
    const timeout = this.#checkTimeout + heartbeatInterval;
    const answer = await this.#channel.ask({ type: "checks", probe }, timeout);
    return answer?.type === "checks" ? answer.results : undefined;
  }

  async handlerMetrics(): Promise<unknown[] | undefined> {
    // A scrape is not to wait for an event loop that is known to stand still.
    if (this.silence > standsStillAfter) return undefined;
    const timeout = metricsTimeout + heartbeatInterval;
    const answer = await this.#channel.ask({ type: "metrics" }, timeout);
    return answer?.type === "metrics" ? answer.metrics : undefined;
  }

  async steer(port: number, places: readonly number[] | null): Promise<boolean> {
    const until = Date.now() + answerTimeout;
    const question = { type: "steer", port, places: places && [...places], until } as const;
    const answer = await this.#channel.ask(question, answerTimeout);
    return answer?.type === "steered" && answer.done;
  }

  drain(): void {
    this.#channel.send({ type: "drain" });
  }

  stop(timeout: number): Promise<StopOutcome> {
    this.#stopping ??= this.#stop(timeout);
    return this.#stopping;
  }

  async #stop(timeout: number): Promise<StopOutcome> {
    if (this.#gone) {
      // It has ended by itself, and that is told as such.
      await this.exit;
      return { cut: 0 };
    }
    this.#asked = true;
    this.#channel.send({ type: "stop", timeout });
    if (await within(timeout + metricsTimeout + stopGrace, this.exit) === expired) {
      // It keeps to the limit itself and may be in its onShutdown, unless its event loop stands still.
      if (this.silence > stopGrace || await within(onShutdownAtLeast, this.exit) === expired) {
        this.kill();
      }
    }
    const { reason } = await this.exit;
    const { inFlight } = this.snapshot;
    const error = new WorkerError(`the handler's process did not stop as asked: ${reason}`);
    this.#stopped.resolve(
      // An onShutdown that exits by itself has stopped as asked.
      reason === exitedWell
        ? { cut: inFlight }
        : { cut: Math.max(1, inFlight), atLeast: true, error },
    );
    return await this.#stopped.promise;
  }

  signal(name: NodeJS.Signals): void {
    // Not child.kill(): Deno takes any signal sent with it for the child's end.
    if (this.#child.pid !== undefined && this.#child.exitCode === null) {
      sendSignal(this.#child.pid, name);
    }
  }

  kill(): void {
    if (this.#child.pid !== undefined) sendSignal(-this.#child.pid, "SIGKILL");
  }

  async #watch(): Promise<WorkerExit> {
    running.add(this);
    const disconnected = new Promise<void>((resolve) => this.#child.once("disconnect", resolve));
    const reason = await new Promise<string>((resolve) => {
      this.#child.on("error", (error) => {
        if (this.#child.pid === undefined) resolve(`could not be started: ${error.message}`);
        // Deno also says so of a message that it cannot read.
        else log.warn("trouble with the handler's process: {error}", { error: error.message });
      });
      this.#child.once(
        "exit",
        (code, signal) => resolve(signal === null ? exitedWith(code) : `was killed by ${signal}`),
      );
    });
    this.#gone = true;
    this.#silence.close();
    running.delete(this);
    // What the handler has started and left in its process group goes with it.
    this.kill();
    // On Deno the exit may be seen before the last messages.
    await within(lastWordsTimeout, disconnected);
    this.#channel.answerNone();
    const error = this.#error ??
      new WorkerError(`the handler's process ${reason} before it listened`);
    this.#loaded.reject(error);
    this.#listening.reject(error);
    return { reason, asked: this.#asked, ...(this.#error && { error: this.#error }) };
  }

  #receive(message: AppMessage): void {
    this.#silence.break();
    switch (message.type) {
      case "loaded":
        return this.#loaded.resolve();
      case "listening":
        this.#address = message;
        return this.#listening.resolve();
      case "failed":
      case "crashed":
        this.#error = new WorkerError(message.message, located(message.trace, this.#handler));
        return;
      case "imports":
        this.imports = message.files;
        return this.onImports();
      case "snapshot":
        this.snapshot = { ...message, requests: message.requests ?? this.snapshot.requests };
        return;
      case "checks":
      case "metrics":
      case "steered":
        return;
      case "probe":
        this.#answerProbe(message).catch((error: unknown) => {
          log.error("a probe could not be answered: {error}", { error: describe(error) });
          this.#channel.send({
            type: "answer",
            id: message.id,
            status: 500,
            headers: {},
            body: "",
          });
        });
        return;
      case "stopped": {
        const { type: _type, error, metrics, ...stopped } = message;
        this.lastMetrics = metrics;
        return this.#stopped.resolve(
          error === undefined
            ? stopped
            : { ...stopped, error: new WorkerError(error.message, error.trace) },
        );
      }
    }
  }

  async #answerProbe({ id, method, path, accept }: AppMessage & { type: "probe" }): Promise<void> {
    const headers: Record<string, string> = accept === null ? {} : { accept };
    const request = new Request(new URL(path, "http://localhost"), { method, headers });
    const response = await this.#respond?.(request);
    if (response === undefined) return;
    this.#channel.send({
      type: "answer",
      id,
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    });
  }
}

/** Sends a signal to a process, or to the group of a negative one, that may be gone by now. */
function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: it is gone already.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
