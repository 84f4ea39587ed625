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
import { probeServer } from "../probes/server.ts";
import { runtime } from "../runtime/mod.ts";
import type { FetchHandler } from "../runtime/runtime.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import type { DebuggerPort } from "./development/debugger_port.ts";
import { reportFailedStart, reportOutcomes, traceOf } from "./failures.ts";
import { appOptions } from "./process/app_options.ts";
import { Health } from "./health.ts";
import { sharesPort } from "../options/ports.ts";
import type { ServiceOptions } from "../options/service_options.ts";
import { type PoolOwner, type RestartReason, WorkerPool } from "./workers/pool.ts";
import type { Development } from "./development/development.ts";
import { ProbeListener } from "./front/probe_listener.ts";
import { Renewal } from "./workers/renewal.ts";
import { Scrape } from "./scrape.ts";
import { within } from "../within.ts";
import type { Worker } from "./workers/worker.ts";

const log = logger("supervisor");

/** How long webhooks are waited for when the service is given up, in milliseconds. */
const giveUpFlush = 60_000;

/**
 * How long a worker that is replaced serves the connections that it has, at least, in milliseconds:
 * each answer in that time asks its client to open another one.
 */
const leastLeave = 1000;

/** How long a worker that is to replace another may take to start, at least, in milliseconds. */
const leastStartTimeout = 30_000;

/** Makes a worker that has yet to load its handler; `respond` answers probes on the handler's port. */
export type Launch = (
  options: AppOptions,
  respond?: (request: Request) => Promise<Response>,
) => Worker;

/** What a service is given besides its options. */
export interface Around {
  oneOnly?: boolean;
  handler?: string;
}

/** The service was told to stop before it had started. */
export class StartInterrupted extends Error {
  override name = "StartInterrupted";
}

/**
 * The life of a service: `starting`, `serving`, `draining`, stopped; and what is told about it.
 *
 * {@linkcode finished} resolves with the exit code, whichever way it goes.
 */
export class Service implements PoolOwner {
  phase: Phase = "starting";
  detail = "nothing has run yet";
  startupSeconds: number | undefined;
  /** 0 stopped as asked; 1 failed to start, gave up, or cut something off; or as `stop` was told. */
  readonly finished: Promise<number>;

  readonly #options: ServiceOptions;
  readonly #launch: Launch;
  readonly #finish = Promise.withResolvers<number>();
  readonly #starting = new AbortController();
  readonly #webhooks: Webhooks;
  readonly #health: Health;
  readonly #scrape: Scrape;
  readonly #pool: WorkerPool;
  readonly #probes: ProbeListener | undefined;
  #debugger: DebuggerPort | undefined;
  readonly #reusePort: boolean;
  /** In development, what listens in the handler's place. */
  #development: Development | undefined;
  readonly #handler: string | undefined;
  readonly #answerProbe: (request: Request) => Promise<Response>;
  #scheme = "http";
  #renewal: Renewal | undefined;
  /** The replacement of all workers that is under way, if one is. */
  #round = new AbortController();

  /**
   * @param launch makes workers
   * @param around `oneOnly` where there can only ever be one worker, in this process; `handler` is the
   * absolute path of what `autoreload` reloads
   */
  constructor(options: ServiceOptions, launch: Launch, { oneOnly = false, handler }: Around = {}) {
    this.#options = options;
    this.#launch = launch;
    this.finished = this.#finish.promise;
    const queue = new RequestQueue();
    this.#scrape = new Scrape(this, queue, options);
    this.#webhooks = new Webhooks(
      options,
      (type, outcome) => this.#scrape.webhookEnded(type, outcome),
    );
    this.#health = new Health(this.#webhooks);
    const { autoreload } = options;
    this.#reusePort = !autoreload && (!oneOnly || this.#sharedPort);
    const port = autoreload ? 0 : options.port;
    const startTimeout = Math.max(options.stallTimeout, leastStartTimeout);
    const reusePort = this.#reusePort;
    this.#pool = new WorkerPool({ ...options, port, reusePort, startTimeout }, this);
    this.#handler = handler;
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

  /** The workers that take new requests. */
  get workers(): readonly Worker[] {
    return this.#pool.serving;
  }

  /** Those that only finish what they have. */
  get retiring(): readonly Worker[] {
    return this.#pool.retiring;
  }

  /** For how long a worker that should be there has been missing, in milliseconds. */
  get downFor(): number {
    return this.#pool.downFor;
  }

  /** What each probe said last. */
  get probeHealthy(): Partial<Record<ProbeType, boolean>> {
    return this.#health.last;
  }

  /** Where the handler is reached, once the service has started. */
  get url(): string {
    return `${this.#scheme}://${reachable(this.#options.host)}:${
      this.#development?.port ?? this.#pool.port
    }`;
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
      await this.#openProbes();
      if (this.#options.debugger) await this.#openDebugger();
      if (this.#options.command.length > 0) this.#tellProbes();
      this.#requirePort();
      await this.#runCommands();
      this.detail = "starting the handler";
      const starting = this.#startHandler();
      // The first line of a log takes 2 ms. Where no command comes first, the handler loads meanwhile.
      if (this.#options.command.length === 0) this.#tellProbes();
      await starting;
    } catch (error) {
      if (this.#starting.signal.aborted) return await this.#interrupted();
      await this.#failed(error);
      throw error;
    }
    this.startupSeconds = (performance.now() - started) / 1000;
    this.#enter("serving", "");
    this.#renewal = new Renewal(this.#pool, this.#options);
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
    await this.#pool.kill();
    this.#finish.resolve(code);
  }

  /** Passes a signal on to the workers. */
  passOn(name: NodeJS.Signals): void {
    this.#pool.signal(name);
  }

  /**
   * Replaces all workers, one after the other. Those that cannot be replaced stay. Asked again meanwhile,
   * it begins anew: what was being started may be out of date.
   */
  async renew(): Promise<void> {
    if (this.phase !== "serving") {
      log.info("nothing is replaced while the service is {phase}", { phase: this.phase });
      return;
    }
    if (this.#development !== undefined) return this.#development.reload();
    this.#round.abort();
    const round = this.#round = new AbortController();
    try {
      await this.#pool.replaceAll("signal", AbortSignal.any([this.signal, round.signal]));
      // Unless it was told to stop meanwhile.
      if (this.phase === "serving") log.info("all processes of the handler are replaced");
    } catch (error) {
      if (round.signal.aborted || this.signal.aborted) return;
      reportFailedStart("the handler's process cannot be replaced, and stays", error);
    }
  }

  get signal(): AbortSignal {
    return this.#starting.signal;
  }

  launch(): Worker {
    this.#development?.starting();
    const respond = this.#sharedPort ? this.#answerProbe : undefined;
    return this.#launch(appOptions(this.#options, this.#reusePort), respond);
  }

  async listening({ address }: Worker): Promise<void> {
    this.#scheme = address.scheme;
    if (!this.#sharedPort || this.#probes === undefined) return;
    this.#pool.group.closing(this.#probes);
    await this.#probes.close();
    this.#pool.group.remove(this.#probes);
  }

  up(worker: Worker): void {
    this.#debugger?.follow(worker);
    this.#development?.up(worker);
  }

  async allDown(): Promise<void> {
    if (this.#sharedPort) await this.#openProbes();
  }

  async leave(worker: Worker): Promise<void> {
    if (this.#development !== undefined) {
      return void await within(this.#options.shutdownTimeout, this.#development.leave(worker));
    }
    await sleep(Math.max(leastLeave, this.#options.shutdownDelay), undefined, { ref: false });
  }

  gone(worker: Worker): void {
    this.#scrape.retire(worker);
  }

  restarting(reason: string): void {
    this.detail = `starting the handler again: ${reason}`;
  }

  restarted(reason: RestartReason): void {
    this.#scrape.workerRestarted(reason);
  }

  async gaveUp(reason: string, trace: string): Promise<void> {
    if (this.#development !== undefined) return this.#development.gaveUp(reason, trace);
    const summary =
      `gave up after ${this.#options.maxRestarts} restarts within a minute: ${reason}`;
    this.#enter("failed", summary);
    log.error("{summary}", { summary });
    this.#renewal?.close();
    this.#health.gaveUp(`${summary}\n\n${trace}`);
    // Other workers may be in the middle of requests.
    await Promise.all([
      this.#webhooks.flush(giveUpFlush),
      this.#pool.stop(this.#options.shutdownTimeout),
    ]);
    await this.#close(1);
  }

  async #startHandler(): Promise<void> {
    if (this.#options.autoreload && this.#handler !== undefined) {
      // Late: production never comes to it.
      const { signal } = this.#starting;
      const troubled = (trouble: string): void => void (this.detail = trouble);
      const { Development } = await import("./development/development.ts");
      const args = [this.#options, this.#handler, this.#pool, signal, troubled] as const;
      this.#development = new Development(...args);
      await this.#development.start(this.#options);
    } else await this.#pool.start();
  }

  async #openProbes(): Promise<void> {
    if (this.#probes === undefined) return;
    await this.#probes.open();
    if (this.#sharedPort) this.#pool.group.add(this.#probes);
  }

  #tellProbes(): void {
    const { probeUrl } = this;
    if (probeUrl !== undefined) log.info("probes on {probeUrl}", { probeUrl });
  }

  async #openDebugger(): Promise<void> {
    // Late: node:net takes 5 ms of a start on Bun.
    const { DebuggerPort } = await import("./development/debugger_port.ts");
    this.#debugger = new DebuggerPort(this.#options.debuggerPort);
    await this.#debugger.open();
  }

  get #sharedPort(): boolean {
    return sharesPort(this.#options);
  }

  #enter(phase: Phase, detail: string): void {
    this.phase = phase;
    this.detail = detail;
  }

  /**
   * A port that is taken is better known before a migration has run than after it; and a port that is
   * to be shared among workers would be shared with a stranger's, too.
   */
  #requirePort(): void {
    const { host: hostname, port, command } = this.#options;
    if (this.#sharedPort || (command.length === 0 && !this.#reusePort)) return;
    try {
      runtime.requireFree({ hostname, port });
    } catch (error) {
      throw new ListenError("the handler", "--port", { hostname, port }, error);
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
    this.#renewal?.close();
    this.#pool.drain();
    this.#development?.drain();
    // Where all workers die meanwhile, nobody is served any more.
    await within(shutdownDelay, this.#pool.ended());
    this.#development?.close();
    this.#debugger?.resume();
    const clean = reportOutcomes(await this.#pool.stop(shutdownTimeout)) && !this.#pool.crashed;
    const abandoned = await this.#webhooks.flush(webhookTimeout);
    if (abandoned > 0) log.warn("{abandoned} webhooks were not delivered", { abandoned });
    await this.#close(clean ? 0 : 1);
  }

  async #close(code: number): Promise<void> {
    await this.#probes?.close();
    this.#debugger?.close();
    this.#development?.abort();
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
