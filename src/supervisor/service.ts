import { setTimeout as sleep } from "node:timers/promises";
import { ListenError } from "../app/listen_error.ts";
import type { AppOptions } from "../app/options.ts";
import { commandName } from "../commands/display.ts";
import { runCommand } from "../commands/run.ts";
import { splitCommand } from "../commands/words.ts";
import { messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import { type Phase, Probes } from "../probes/probes.ts";
import { RequestQueue } from "../probes/queue.ts";
import { probePaths, probeServer } from "../probes/server.ts";
import { runtime } from "../runtime/mod.ts";
import type { FetchHandler } from "../runtime/runtime.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import { diedEarly, reportFailedStart, reportOutcomes, traceOf } from "./failures.ts";
import { Health } from "./health.ts";
import type { ServiceOptions } from "./options.ts";
import { ProbeListener } from "./probe_listener.ts";
import { Restarts } from "./restarts.ts";
import { Scrape } from "./scrape.ts";
import { within } from "../within.ts";
import type { Worker, WorkerExit } from "./worker.ts";

const log = logger("supervisor");

/** How long webhooks are waited for when the service is given up, in milliseconds. */
const giveUpFlush = 60_000;

/** Starts a worker; `signal` ends the attempt, `respond` answers probes on the handler's port. */
export type Launch = (
  options: AppOptions,
  context: { signal: AbortSignal; respond?: (request: Request) => Promise<Response> },
) => Promise<Worker>;

/** The service was told to stop before it had started. */
export class StartInterrupted extends Error {
  override name = "StartInterrupted";
}

/**
 * The life of a service: `starting`, `serving`, `draining`, stopped; and what is told about it.
 *
 * {@linkcode finished} resolves with the exit code, whichever way it goes.
 */
export class Service {
  phase: Phase = "starting";
  detail = "nothing has run yet";
  startupSeconds: number | undefined;
  workers: readonly Worker[] = [];
  /** 0 stopped as asked; 1 failed to start, gave up, or cut something off; or as `stop` was told. */
  readonly finished: Promise<number>;

  readonly #options: ServiceOptions;
  readonly #launch: Launch;
  readonly #finish = Promise.withResolvers<number>();
  readonly #starting = new AbortController();
  readonly #webhooks: Webhooks;
  readonly #health: Health;
  readonly #scrape: Scrape;
  readonly #restarts: Restarts;
  readonly #probes: ProbeListener | undefined;
  readonly #answerProbe: (request: Request) => Promise<Response>;
  #port: number;
  #scheme = "http";
  #downSince: number | undefined;
  /** The end of a worker that came before the start was over. */
  #died: WorkerExit | undefined;
  /** Did a worker crash with requests that it should have finished? */
  #crashed = false;

  constructor(options: ServiceOptions, launch: Launch) {
    this.#options = options;
    this.#launch = launch;
    this.#port = options.port;
    this.finished = this.#finish.promise;
    const queue = new RequestQueue();
    this.#scrape = new Scrape(this, queue, options);
    this.#webhooks = new Webhooks(
      options,
      (type, outcome) => this.#scrape.webhookEnded(type, outcome),
    );
    this.#health = new Health(this.#webhooks);
    this.#restarts = new Restarts(options.maxRestarts);
    this.#answerProbe = probeServer({
      ...options,
      probes: new Probes(this, options, queue),
      exposition: (accept) => this.#scrape.expose(accept),
      onAnswer: (verdict) => this.#health.answered(verdict, this.phase === "serving"),
      inPlaceOfHandler: this.#sharedPort,
    });
    if (options.probe) {
      this.#probes = new ProbeListener(this.#answerProbe as FetchHandler, {
        hostname: this.#sharedPort ? options.host : options.probeHost,
        port: options.probePort,
        reusePort: this.#sharedPort,
        // A check may take its time; Bun's own limit of 10 s would cut its probe off.
        idleTimeout: Math.min(255, Math.ceil(options.checkTimeout / 1000) + 10),
      });
    }
  }

  /** How long no worker has been up, in milliseconds; 0 while one is. */
  get downFor(): number {
    return this.#downSince === undefined ? 0 : performance.now() - this.#downSince;
  }

  /** What each probe said last. */
  get probeHealthy(): Partial<Record<ProbeType, boolean>> {
    return this.#health.last;
  }

  /** Where the handler is reached, once the service has started. */
  get url(): string {
    return `${this.#scheme}://${reachable(this.#options.host)}:${this.#port}`;
  }

  /** Where the probes are reached; `undefined` where there are none. */
  get probeUrl(): string | undefined {
    if (this.#probes === undefined) return undefined;
    const { host, probeHost } = this.#options;
    const where = this.#sharedPort ? host : probeHost;
    return `http://${reachable(where)}:${this.#probes.port}`;
  }

  /**
   * Opens the probes, runs the commands, and starts the handler.
   *
   * Rejects where one of that fails, after the webhooks about it have been delivered or given up;
   * with {@linkcode StartInterrupted} where {@linkcode stop} came first.
   */
  async start(): Promise<void> {
    const started = performance.now();
    try {
      await this.#probes?.open();
      if (this.probeUrl !== undefined) {
        log.info("probes on {probeUrl}", { probeUrl: this.probeUrl });
      }
      await this.#requirePort();
      await this.#runCommands();
      this.detail = "starting the handler";
      await this.#addWorker();
      if (this.#died !== undefined) throw diedEarly(this.#died);
    } catch (error) {
      if (this.#starting.signal.aborted) return await this.#interrupted();
      await this.#failed(error);
      throw error;
    }
    this.startupSeconds = (performance.now() - started) / 1000;
    this.#enter("serving", "");
    this.#health.started();
    log.info("serving on {url}, started in {seconds}s", {
      url: this.url,
      seconds: Number(this.startupSeconds.toFixed(3)),
      probeUrl: this.probeUrl,
    });
  }

  /**
   * Stops: drains if it serves, ends what is being started otherwise. Resolves with the exit code,
   * which is `interrupted` where the service had not started.
   */
  stop(interrupted = 0): Promise<number> {
    this.#starting.abort(interrupted);
    if (this.phase === "serving") {
      this.#drain().catch((error: unknown) => {
        log.error("cannot stop as it should: {error}", { error: messageOf(error) });
        this.#finish.resolve(1);
      });
    }
    // A failed start is over but for its webhooks, which have had their chance.
    if (this.phase === "failed") void this.#webhooks.flush(0);
    return this.finished;
  }

  /** Ends the workers at once, without finishing anything; {@linkcode finished} gives `code` then. */
  async kill(code: number): Promise<void> {
    this.#starting.abort(code);
    for (const worker of this.workers) worker.kill();
    await Promise.all(this.workers.map((worker) => worker.exit));
    this.#finish.resolve(code);
  }

  /** Passes a signal on to the workers. */
  signal(name: NodeJS.Signals): void {
    for (const worker of this.workers) worker.signal(name);
  }

  get #sharedPort(): boolean {
    const { probe, port, probePort } = this.#options;
    return probe && port !== 0 && port === probePort;
  }

  #enter(phase: Phase, detail: string): void {
    this.phase = phase;
    this.detail = detail;
  }

  /** A port that is taken is better known before a migration has run than after it. */
  async #requirePort(): Promise<void> {
    const { host: hostname, command } = this.#options;
    if (command.length === 0 || this.#sharedPort) return;
    const address = { hostname, port: this.#port, reusePort: false };
    try {
      const trial = await runtime.listen(() => undefined, address);
      await trial.stop();
    } catch (error) {
      throw new ListenError("the handler", "--port", address, error);
    }
  }

  async #runCommands(): Promise<void> {
    const { command: commands, commandTimeout } = this.#options;
    for (const [index, command] of commands.entries()) {
      const name = commandName(splitCommand(command));
      this.detail = `running command ${index + 1} of ${commands.length}: ${name}`;
      const milliseconds = await runCommand(command, {
        ...(commandTimeout === undefined ? {} : { timeout: commandTimeout }),
        signal: this.#starting.signal,
        script: (file) => runtime.script(file),
      });
      this.#scrape.commandEnded(name, milliseconds);
    }
  }

  /** Starts a worker and lets it take over from the probes, where it shares their port. */
  async #addWorker(): Promise<void> {
    const { host, maxBodySize, checkTimeout, metrics, accessLog, autoreload, logLevel, logFormat } =
      this.#options;
    const shared = this.#sharedPort;
    const worker = await this.#launch({
      hostname: host,
      port: this.#port,
      reusePort: shared,
      probePaths: shared ? probePaths(this.#options) : [],
      ...(maxBodySize === undefined ? {} : { maxBodySize }),
      checkTimeout,
      metrics: metrics !== false,
      accessLog,
      autoreload,
      logLevel,
      logFormat,
    }, {
      signal: this.#starting.signal,
      ...(shared ? { respond: this.#answerProbe } : {}),
    });
    this.#port = worker.address.port;
    this.#scheme = worker.address.scheme;
    if (shared) await this.#probes?.close();
    if (this.#starting.signal.aborted) {
      // Told to stop in the meantime: nobody else knows of this worker yet.
      await worker.stop(this.#options.shutdownTimeout);
      this.#starting.signal.throwIfAborted();
    }
    this.workers = [...this.workers, worker];
    this.#downSince = undefined;
    this.#watch(worker).catch((error: unknown) => this.#giveUp(messageOf(error), traceOf(error)));
  }

  /** Sees to it that a worker that ends is replaced. */
  async #watch(worker: Worker): Promise<void> {
    const exit = await worker.exit;
    this.workers = this.workers.filter((other) => other !== worker);
    this.#scrape.retire(worker);
    if (exit.asked) return;
    this.#downSince = performance.now();
    this.#crashed ||= this.phase === "draining";
    log.error("the handler's process {reason}", { reason: exit.reason });
    if (this.phase === "starting") this.#died = exit;
    if (this.#sharedPort) await this.#probes?.open();
    if (this.phase === "serving") await this.#restart(exit);
  }

  async #restart(exit: WorkerExit): Promise<void> {
    let { message: reason, trace } = diedEarly(exit);
    while (this.phase === "serving") {
      const pause = this.#restarts.next();
      if (pause === undefined) return await this.#giveUp(reason, trace);
      this.detail = `starting the handler again: ${reason}`;
      try {
        await sleep(pause, undefined, { signal: this.#starting.signal });
        await this.#addWorker();
        this.#scrape.workerRestarted("crash");
        log.info("the handler is up again");
        return;
      } catch (error) {
        if (this.#starting.signal.aborted) return;
        reason = messageOf(error);
        trace = traceOf(error);
        log.error("the handler cannot be started again: {error}", { error: reason });
      }
    }
  }

  async #giveUp(reason: string, trace: string): Promise<void> {
    const summary =
      `gave up after ${this.#options.maxRestarts} restarts within a minute: ${reason}`;
    this.#enter("failed", summary);
    log.error("{summary}", { summary });
    this.#health.gaveUp(`${summary}\n\n${trace}`);
    await this.#webhooks.flush(giveUpFlush);
    await this.#close(1);
  }

  async #failed(error: unknown): Promise<void> {
    this.#enter("failed", messageOf(error));
    reportFailedStart("cannot start", error);
    this.#health.startFailed(traceOf(error));
    await this.#webhooks.flush();
    await this.#close(1);
  }

  async #interrupted(): Promise<never> {
    log.info("interrupted while starting");
    await this.#close(Number(this.#starting.signal.reason));
    throw new StartInterrupted("the service was told to stop before it had started");
  }

  async #drain(): Promise<void> {
    const { shutdownDelay, shutdownTimeout, webhookTimeout } = this.#options;
    this.#enter("draining", "no new requests are wanted");
    const seconds = shutdownDelay / 1000;
    log.info("draining: still serving for {seconds}s, readiness says no", { seconds });
    for (const worker of this.workers) worker.drain();
    // Where all workers die meanwhile, nobody is served any more.
    const gone = Promise.all(this.workers.map((worker) => worker.exit));
    await within(shutdownDelay, gone);
    const outcomes = await Promise.all(this.workers.map((worker) => worker.stop(shutdownTimeout)));
    const clean = reportOutcomes(outcomes) && !this.#crashed;
    const abandoned = await this.#webhooks.flush(webhookTimeout);
    if (abandoned > 0) log.warn("{abandoned} webhooks were not delivered", { abandoned });
    await this.#close(clean ? 0 : 1);
  }

  async #close(code: number): Promise<void> {
    await this.#probes?.close();
    this.#enter("stopped", "");
    log.info("stopped");
    this.#finish.resolve(code);
  }
}

/** An address that a client can use: the wildcard ones mean this machine. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
