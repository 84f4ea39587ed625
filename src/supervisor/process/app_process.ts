import type { StopOutcome } from "../../app/app.ts";
import { Channel, type Refusal, type Told } from "../../app/channel.ts";
import type { AppConfig } from "../../app/options.ts";
import {
  type AppAddress,
  type AppEnd,
  type CheckResult,
  expectStart,
  readApp,
  type SupervisorEnd,
} from "../../app/protocol.ts";
import { describe } from "../../errors.ts";
import { heard, logger } from "../../log.ts";
import { CollectedMetrics } from "../../metrics/collected.ts";
import type { Family } from "../../metrics/family.ts";
import { lastReading } from "../../metrics/limits.ts";
import { type AppSnapshot, appSnapshot } from "../../metrics/snapshot.ts";
import { located } from "../../source/locate.ts";
import { withoutInternals } from "../../source/trace.ts";
import {
  answerMargin,
  answerTimeout,
  exitTimeout,
  lastMetricsTimeout,
  lastWordsTimeout,
  onShutdownAtLeast,
  scrapeTimeoutHeader,
  standsStillAfter,
  stopGrace,
} from "../../timeline.ts";
import { whileWaiting } from "../../while_waiting.ts";
import { expired, within } from "../../within.ts";
import {
  type Worker,
  WorkerError,
  type WorkerExit,
  type WorkerMetrics,
} from "../workers/worker.ts";
import { AppChild, exitedWell } from "./app_child.ts";
import { longestMessage } from "./message_lines.ts";
import { Silence } from "./silence.ts";

const log = logger("supervisor");

/** How long an answer may be that comes in parts, in characters. */
const longestAnswer = 4 * 1024 * 1024;

/** Of how many files a process may tell that it has imported them. */
const mostImports = 100_000;

const overlongMessage = `the handler's process sent a message of more than ${
  longestMessage / 2 ** 20
} MB, which was left unread: send less at once with process.send`;

/** Answers a probe that came in on the handler's port. */
export type ProbeResponder = (request: Request) => Promise<Response>;

type Probe = AppEnd["asks"]["probe"];

/**
 * A process of its own around the handler: what is told to it and asked of it, and what it says.
 */
export class AppProcess implements Worker {
  readonly loaded: Promise<void>;
  readonly exit: Promise<WorkerExit>;
  snapshot: AppSnapshot = appSnapshot.empty();
  lastMetrics: WorkerMetrics | undefined;
  imports: readonly string[] = [];
  onImports: () => void = () => {};
  onPulse: () => void = () => {};

  readonly #silence: Silence;
  /** Does it show more rarely that its event loop turns, as nothing happens? */
  #rests = false;
  /** Questions that end its rest, and have no answer yet. */
  #open = 0;
  readonly #child: AppChild;
  readonly #channel: Channel<SupervisorEnd, AppEnd>;
  readonly #respond: ProbeResponder;
  readonly #checkTimeout: number;
  readonly #loaded = Promise.withResolvers<void>();
  readonly #listening = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<StopOutcome>();
  /** Has it told how that went? Then only its exit is waited for. */
  #hasStopped = false;
  readonly #warned = new Set<string>();
  /** Ends the telling that it has not begun to listen. */
  readonly #tellNoMore: () => void;
  /** What it does while it neither listens nor waits for its turn to. */
  #busyWith: string | undefined = "its import has not ended";
  #address: AppAddress | undefined;
  #error: WorkerError | undefined;
  /** Was it asked to stop? */
  #stopAsked = false;
  /** Has it ended? Its last words may yet be to come. */
  #gone = false;
  /** What comes of the handler's own metrics, by the number of the reading. */
  readonly #readings = new Map([[lastReading, new CollectedMetrics()]]);
  #lastReading = lastReading;
  /** What the last reading that was answered gave. */
  #metrics: readonly Family[] = [];
  #refreshing: Promise<unknown> | undefined;
  #stopping: Promise<StopOutcome> | undefined;

  /** Starts the process. `respond` answers probes on the handler's port. */
  constructor(config: AppConfig, respond: ProbeResponder = notFound) {
    this.#respond = respond;
    this.#checkTimeout = config.options.checkTimeout;
    this.#child = new AppChild(config);
    this.#channel = new Channel(this.#child.port, readApp, longestAnswer);
    this.#silence = new Silence(() => {
      // Whoever waits for an answer need not wait any longer.
      if (this.silence > standsStillAfter) this.#channel.giveUp();
      this.onPulse();
    });
    this.#channel.listen({
      told: this.#heedTold(config.handler),
      asked: { probe: (probe) => this.#answerProbe(probe) },
      heard: () => this.#silence.break(this.#rests && this.#open === 0),
      refused: (message) => this.#refused(message),
      foreign() {
        log.debug("ignored a message that is not Hurricane's from the handler's process");
      },
      overlong: () => this.#warnOnce(overlongMessage),
      broken(error) {
        // It is dying; its exit tells the rest.
        log.debug("cannot reach the handler's process: {error}", { error: error.message });
      },
    });
    if (this.#child.waits) this.#channel.tell("start", config);
    expectStart();
    this.loaded = this.#loaded.promise;
    this.#tellNoMore = whileWaiting((time) => this.#tellBusy(time));
    // Who does not get as far as to wait for them is told otherwise.
    this.loaded.catch(() => {});
    this.#listening.promise.catch(() => {});
    this.exit = this.#watch();
  }

  async listen(port: number): Promise<void> {
    this.#busyWith = "it is imported, and about to listen";
    this.#channel.tell("listen", { port });
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
    return this.#child.pid;
  }

  get address(): AppAddress {
    if (this.#address === undefined) throw new Error("the handler does not listen yet");
    return this.#address;
  }

  async refresh(timeout: number): Promise<void> {
    // One question is enough, however many probes ask: a blocked process would find a heap of them.
    if (this.#refreshing === undefined) {
      this.#refreshing = this.#channel.ask("snapshot", undefined, answerTimeout)
        .finally(() => this.#refreshing = undefined);
      this.#silence.expect();
    }
    await within(timeout, this.#refreshing);
  }

  async runChecks(probe: "readiness" | "liveness"): Promise<CheckResult[] | undefined> {
    const results = await this.#ask("checks", { probe }, this.#checkTimeout + answerMargin);
    // A channel that has closed is that of a process that ends, and whoever judges is to know of its end.
    if (results === undefined && this.#child.port.connected !== true) {
      await within(answerTimeout, this.exit);
    }
    return results;
  }

  async handlerMetrics(timeout: number): Promise<WorkerMetrics | { error: string }> {
    const standsStill = { error: "its event loop stands still" };
    // A scrape is not to wait for an event loop that is known to stand still.
    if (this.silence > standsStillAfter) return standsStill;
    const began = performance.now();
    const reading = ++this.#lastReading;
    const collected = new CollectedMetrics(this.#metrics);
    this.#readings.set(reading, collected);
    const question = { timeout, reading };
    const answer = await this.#ask("metrics", question, timeout + answerMargin);
    this.#readings.delete(reading);
    if (answer !== undefined) {
      const { metrics } = collected;
      this.#metrics = metrics;
      return { metrics, missing: answer.missing };
    }
    if (this.silence > standsStillAfter) return standsStill;
    const inTime = performance.now() - began < timeout;
    return { error: inTime ? "no answer" : `they did not arrive within ${Math.round(timeout)}ms` };
  }

  async steer(port: number, places: readonly number[] | null): Promise<boolean> {
    const until = Date.now() + answerTimeout;
    return await this.#ask("steer", { port, places, until }, answerTimeout) ?? false;
  }

  /** Asks what ends its rest. */
  async #ask<Type extends keyof SupervisorEnd["asks"]>(
    type: Type,
    question: SupervisorEnd["asks"][Type]["question"],
    timeout: number,
  ): Promise<SupervisorEnd["asks"][Type]["answer"] | undefined> {
    this.#open++;
    this.#silence.expect();
    try {
      return await this.#channel.ask(type, question, timeout);
    } finally {
      this.#open--;
    }
  }

  drain(): void {
    this.#channel.tell("drain", undefined);
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
    this.#stopAsked = true;
    let killedFor: string | undefined;
    let stoodStill = false;
    this.#channel.tell("stop", { timeout });
    // It does not rest any more.
    this.#open++;
    this.#silence.expect();
    if (await within(timeout + lastMetricsTimeout + stopGrace, this.exit) === expired) {
      // It keeps to the limit itself and may be in its onShutdown, unless its event loop stands still.
      stoodStill = this.silence > stopGrace;
      if (stoodStill) killedFor = "its event loop stood still, and it was killed";
      else if (await within(onShutdownAtLeast, this.exit) === expired) {
        killedFor = "it had not exited when its time was up, and was killed";
      }
      if (killedFor !== undefined) {
        this.kill();
        if (this.#hasStopped) {
          log.warn("the handler's process has stopped, but {how}", { how: killedFor });
        }
      }
    }
    const { reason } = await this.exit;
    const { inFlight } = this.snapshot;
    const how = killedFor ?? `it ${reason}`;
    const error = new WorkerError(`the handler's process did not stop as asked: ${how}`);
    this.#stopped.resolve(
      // An onShutdown that exits by itself has stopped as asked.
      reason === exitedWell
        ? { cut: inFlight }
        // What an event loop that stands still has been given since, nobody knows.
        : { cut: inFlight, ...(stoodStill ? { atLeast: true } : {}), died: true, error },
    );
    return await this.#stopped.promise;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.signal(name);
  }

  kill(): void {
    this.#child.kill();
  }

  async #watch(): Promise<WorkerExit> {
    const reason = await this.#child.exit;
    this.#gone = true;
    this.#silence.close();
    await within(lastWordsTimeout, this.#child.disconnected);
    this.#channel.giveUp();
    this.#startFailed(
      this.#error ?? new WorkerError(`the handler's process ${reason} before it listened`),
    );
    return { reason, asked: this.#stopAsked, ...(this.#error && { error: this.#error }) };
  }

  /** It is about to exit, unless one of the handler's `exit` listeners holds that up. */
  async #seeItExit(): Promise<void> {
    if (await within(exitTimeout, this.exit) !== expired) return;
    log.warn("the handler's process {pid} does not exit {seconds}s after its failure: killed", {
      pid: this.pid,
      seconds: exitTimeout / 1000,
    });
    this.kill();
  }

  #tellBusy(time: string): void {
    if (this.#busyWith === undefined) return;
    log.warn("the handler has not begun to listen after {time}: {reason}", {
      time,
      reason: this.#busyWith,
      pid: this.pid,
    });
  }

  /** Of no effect where it has started. */
  #startFailed(error: WorkerError): void {
    this.#tellNoMore();
    this.#loaded.reject(error);
    this.#listening.reject(error);
  }

  /** What is done with what it tells. */
  #heedTold(handler: string | undefined): Told<AppEnd> {
    const troubled = ({ message, trace }: AppEnd["tells"]["crashed"]): void => {
      this.#error = new WorkerError(message, located(withoutInternals(trace), handler));
      void this.#seeItExit();
    };
    return {
      loaded: () => {
        this.#busyWith = undefined;
        this.#loaded.resolve();
      },
      waits: (what) => this.#busyWith = what,
      listening: (address) => {
        this.#tellNoMore();
        this.#address = address;
        this.#listening.resolve();
      },
      failed: troubled,
      crashed: troubled,
      logged: ({ time, ...line }) => heard({ time: new Date(time), ...line, properties: {} }),
      imports: (files) => {
        this.imports = [...this.imports, ...files].slice(0, mostImports);
        this.onImports();
      },
      snapshot: ({ rests = false, ...snapshot }) => {
        this.#rests = rests;
        this.#silence.break(rests && this.#open === 0);
        this.snapshot = { ...snapshot, requests: snapshot.requests ?? this.snapshot.requests };
        this.onPulse();
      },
      // Of a reading that nobody waits for any more nothing is kept.
      series: ({ reading, metric }) => this.#readings.get(reading)?.add(metric),
      stopped: ({ error, missing, ...stopped }) => {
        this.#hasStopped = true;
        this.lastMetrics = { metrics: this.#readings.get(lastReading)?.metrics ?? [], missing };
        this.#stopped.resolve(
          error === undefined
            ? stopped
            : { ...stopped, error: new WorkerError(error.message, error.trace) },
        );
      },
    };
  }

  /** Warned of once a type: a heartbeat comes several times a second. */
  #refused({ kind, type, reason }: Refusal): void {
    const message = `the handler's process sent an unreadable message (${kind} ${type}): ${reason}`;
    this.#warnOnce(message, `${kind} ${type}`);
    // Without one of these, a start would be waited for in vain.
    if (["loaded", "listening", "failed"].includes(type)) {
      this.#startFailed(new WorkerError(message));
    }
  }

  #warnOnce(message: string, about = message): void {
    if (!this.#warned.has(about)) log.warn("{message}", { message });
    this.#warned.add(about);
  }

  async #answerProbe(
    { method, path, accept, scrapeTimeout }: Probe["question"],
  ): Promise<Probe["answer"]> {
    const headers: Record<string, string> = accept === null ? {} : { accept };
    if (scrapeTimeout !== null) headers[scrapeTimeoutHeader] = scrapeTimeout;
    try {
      const request = new Request(new URL(path, "http://localhost"), { method, headers });
      const response = await this.#respond(request);
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
    } catch (error) {
      log.error("a probe could not be answered: {error}", { error: describe(error) });
      return { status: 500, headers: {}, body: "" };
    }
  }
}

/** The answer where no probes are expected on the handler's port. */
async function notFound(): Promise<Response> {
  return await Promise.resolve(new Response(null, { status: 404 }));
}
