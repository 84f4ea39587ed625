import { runCommands } from "../commands/run.ts";
import { counted } from "../counted.ts";
import { elapsed } from "../elapsed.ts";
import { messageOf, traceOf } from "../errors.ts";
import { logger } from "../log.ts";
import { sharesPort } from "../options/ports.ts";
import type { ServiceOptions } from "../options/service_options.ts";
import { type Phase, Probes } from "../probes/probes.ts";
import { KernelQueue } from "../probes/kernel_queue.ts";
import { RequestQueue } from "../probes/queue.ts";
import { probeServer } from "../probes/server.ts";
import { runtime } from "../runtime/mod.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import { answerTimeout, lastWord } from "../timeline.ts";
import { expired, within } from "../within.ts";
import { reachable } from "./address.ts";
import type { MessagePump } from "./amqp/message_pump.ts";
import type { DebuggerPort } from "./development/debugger_port.ts";
import type { Front } from "./front/front.ts";
import { type CheckHealth, Health } from "./health.ts";
import { reportEvent, reportFailedStart, reportOutcomes } from "./workers/report.ts";
import { Scrape } from "./scrape.ts";
import type { StatusPage, StatusSources } from "./status.ts";
import { type Surroundings, Upkeep } from "./upkeep.ts";
import type { PoolEvent } from "./workers/events.ts";
import { WorkerPool } from "./workers/pool.ts";
import type { Worker } from "./workers/worker.ts";

const log = logger("supervisor");

/**
 * How long webhooks are waited for when the service is given up or cannot start, in milliseconds: a
 * receiver may be away for a minute, and the pause that ends after that may be half a minute.
 */
const giveUpFlush = 120_000;

/** How long a worker that is to replace another may take to start, at least, in milliseconds. */
const leastStartTimeout = 30_000;

/** How long acknowledgements may take once the handler has answered, in milliseconds. */
const acknowledgeTimeout = 2000;

/** Is told what the service does not do any more, why in a line, and where that happened. */
type Failing = (what: string, reason: string, trace: string) => void;

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
  /** Since when it is in this phase, in milliseconds since 1970. */
  since = Date.now();
  startupSeconds: number | undefined;
  /** Called when a process of the handler has ended. */
  onWorkerGone: () => void = () => {};
  /** 0 stopped as asked; 1 failed to start, gave up, or cut something off; or as `stop` was told. */
  readonly finished: Promise<number>;

  readonly #options: ServiceOptions;
  readonly #front: Front;
  readonly #finish = Promise.withResolvers<number>();
  /** Aborted when the service is told to stop. */
  readonly #toldToStop = new AbortController();
  /** The exit code of a service that had not started when it was told to. */
  #interruptedCode = 0;
  readonly #webhooks: Webhooks;
  readonly #health: Health;
  readonly #scrape: Scrape;
  readonly #pool: WorkerPool;
  readonly #answerProbe: (request: Request) => Promise<Response>;
  readonly #failing: Failing;
  readonly #shown: StatusSources;
  #statusPage: StatusPage | undefined;
  readonly #pump: MessagePump | undefined;
  #debugger: DebuggerPort | undefined;
  #scheme = "http";
  readonly #upkeep: Upkeep;
  /** The replacement of all workers that is under way, if one is. */
  #round = new AbortController();
  /** Did a worker die while the service was told to stop? */
  #diedWhileStopping = false;
  /** Has it been told to end its workers at once? What they had is told of there. */
  #killed = false;

  /**
   * @param front what stands in front of the workers, and makes them
   * @param failing is told at once why the service cannot start, or gives up: webhooks about that may
   * take minutes
   */
  constructor(
    options: ServiceOptions,
    front: Front,
    failing: Failing = () => {},
    surroundings: Surroundings = {},
  ) {
    this.#failing = failing;
    const { pump } = surroundings;
    this.#pump = pump;
    this.#options = options;
    this.#front = front;
    this.finished = this.#finish.promise;
    const queue = new RequestQueue(new KernelQueue(), options.maxWait !== undefined);
    this.#scrape = new Scrape(this, queue, options, pump);
    this.#webhooks = new Webhooks(
      options,
      (type, outcome) => this.#scrape.webhookEnded(type, outcome),
    );
    this.#health = new Health(this.#webhooks);
    this.#pool = new WorkerPool(
      {
        ...options,
        ...front.workers,
        startTimeout: Math.max(options.stallTimeout, leastStartTimeout),
      },
      front,
      this.#toldToStop.signal,
      (event) => this.#happened(event),
    );
    const probes = new Probes(this, options, queue);
    const [scrape, webhooks] = [this.#scrape, this.#webhooks];
    this.#shown = { service: this, options, probes, queue, scrape, webhooks, pump };
    this.#upkeep = new Upkeep(this.#pool, options, surroundings, () => this.#scrape.shed);
    this.#answerProbe = probeServer({
      ...options,
      probes,
      ...options.statusPage ? { page: (path) => this.#statusPage?.answer(path) } : {},
      exposition: (accept, timeout) => this.#scrape.expose(accept, timeout),
      onAnswer: (verdict) => {
        this.#health.answered(verdict, this.phase === "serving");
        this.#statusPage?.answered(verdict);
      },
      inPlaceOfHandler: sharesPort(options),
    });
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

  /** Why no messages are taken from the broker; `undefined` where they are, or where there is none. */
  get messagesObstacle(): string | undefined {
    return this.#pump?.obstacle;
  }

  /** What each probe said last. */
  get probeHealthy(): Partial<Record<ProbeType, boolean>> {
    return this.#health.last;
  }

  /** What each of the handler's own checks said last. */
  get checkHealthy(): readonly CheckHealth[] {
    return this.#health.checks;
  }

  /** Webhooks that have not ended; `undefined` where nobody gets any. */
  get webhooksPending(): number | undefined {
    const { receivers } = this.#webhooks;
    if (receivers.length === 0) return undefined;
    return receivers.reduce((sum, { pending }) => sum + pending, 0);
  }

  /** Where the handler is reached, once the service has started. */
  get url(): string {
    return `${this.#scheme}://${reachable(this.#options.host)}:${this.#front.port}`;
  }

  /** Is there a status page, beside the probes? */
  get hasStatusPage(): boolean {
    return this.#options.statusPage;
  }

  /** Where the probes are reached; `undefined` where there are none. */
  get probeUrl(): string | undefined {
    const { probes } = this.#front;
    return probes && `http://${reachable(probes.hostname)}:${probes.port}`;
  }

  /**
   * Opens the probes, runs the commands, and starts the handler.
   *
   * Rejects where one of that fails, after the webhooks about it have been delivered or given up;
   * with {@linkcode StartInterrupted} where {@linkcode stop} came first.
   */
  async start(): Promise<void> {
    const started = performance.now();
    const { signal } = this.#toldToStop;
    try {
      this.#front.requireFree();
      if (this.#options.statusPage) await this.#openStatusPage();
      await this.#front.openProbes({
        pool: this.#pool,
        answerProbe: this.#answerProbe,
        signal,
        waitsFor: (what) => this.detail = what,
        reloaded: (reload) => this.#statusPage?.journal.reloaded(reload),
      });
      if (this.#options.debugger) await this.#openDebugger();
      if (this.#options.command.length > 0) this.#tellProbes();
      await runCommands(this.#options, {
        signal,
        script: (file) => runtime.script(file),
        begins: (name, number, count) => {
          this.detail = `running command ${number} of ${count}: ${name}`;
          this.#scrape.commandBegan(name);
          this.#statusPage?.journal.commandBegan(number);
        },
        ended: (name, milliseconds) => {
          this.#scrape.commandEnded(name, milliseconds);
          this.#statusPage?.journal.commandEnded(milliseconds);
        },
        wrote: (line) => this.#statusPage?.journal.commandWrote(line),
      });
      this.detail = "starting the handler";
      const starting = this.#front.start();
      // The first line of a log takes 2 ms. Where no command comes first, the handler loads meanwhile.
      if (this.#options.command.length === 0) this.#tellProbes();
      await Promise.all([starting, this.#pump?.open()]);
    } catch (error) {
      if (signal.aborted) return await this.#interrupted();
      await this.#failed(error);
      throw error;
    }
    this.startupSeconds = (performance.now() - started) / 1000;
    this.#enter("serving", "");
    this.#pump?.consume(this.#localUrl);
    this.#upkeep.begin();
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
    this.#beTold(interrupted);
    if (this.phase === "serving") {
      this.#drain().catch((error: unknown) => this.#cannotStop(error));
    }
    // A failed start is over but for its webhooks, which have had their chance.
    if (this.phase === "failed") void this.#webhooks.flush(0);
    return this.finished;
  }

  /**
   * Ends the workers at once, without finishing anything; {@linkcode finished} gives `code` then. Asked
   * again, it does no more.
   */
  async kill(code: number): Promise<void> {
    if (this.#killed) return;
    this.#beTold(code);
    this.#killed = true;
    this.#pump?.kill();
    const answered = await Promise.all(
      [...this.workers, ...this.retiring].map((worker) =>
        within(lastWord, worker.refresh(answerTimeout))
      ),
    );
    const cut = await this.#pool.kill();
    // What one that stands still has been given since, nobody knows.
    const more = answered.includes(expired) ? { atLeast: true as const } : {};
    reportOutcomes([{ cut, ...more, died: true }]);
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
    if (this.#front.reload()) return;
    this.#round.abort();
    const { signal } = this.#round = new AbortController();
    try {
      await this.#pool.replaceAll("signal", AbortSignal.any([this.#toldToStop.signal, signal]));
      // Unless it was told to stop meanwhile.
      if (this.phase === "serving") log.info("all processes of the handler are replaced");
    } catch (error) {
      if (signal.aborted || this.#toldToStop.signal.aborted) return;
      const stays = this.workers.length > 0 ? ", and stays" : "";
      reportFailedStart(`the handler's process cannot be replaced${stays}`, error);
    }
  }

  /** The first one who tells it to stop decides on the code. */
  #beTold(interrupted: number): void {
    if (this.#toldToStop.signal.aborted) return;
    this.#interruptedCode = interrupted;
    this.#toldToStop.abort();
  }

  /** Whoever has to know of what happens to the workers is told here. */
  #happened(event: PoolEvent): void {
    reportEvent(event);
    this.#statusPage?.happened(event);
    switch (event.type) {
      case "up":
        event.worker.onPulse = () => this.#upkeep.pulse();
        this.#scheme = event.worker.address.scheme;
        this.#debugger?.follow(event.worker);
        this.#front.up(event.worker);
        return;
      case "gone":
        this.#scrape.retire(event.worker);
        return this.onWorkerGone();
      case "died":
        this.#diedWhileStopping ||= this.#toldToStop.signal.aborted;
        return;
      case "startEnded":
        // Who ends the workers at once says what that cuts off.
        return void (this.#killed || reportOutcomes(event.outcomes));
      case "restarting":
        this.detail = `starting the handler again: ${event.reason}`;
        return;
      case "replaced":
        return this.#scrape.workerRestarted(event.why);
      case "gaveUp":
        if (this.#front.survives(event.reason, event.trace)) return;
        this.#giveUp(event.reason, event.trace).catch((error: unknown) => this.#cannotStop(error));
    }
  }

  /** Where this machine itself reaches the handler. */
  get #localUrl(): string {
    const { host } = this.#options;
    const local = host === "::" || host === "0.0.0.0" ? "127.0.0.1" : reachable(host);
    return `${this.#scheme}://${local}:${this.#front.port}`;
  }

  #tellProbes(): void {
    const { probeUrl } = this;
    if (probeUrl !== undefined) log.info("probes on {probeUrl}", { probeUrl });
  }

  async #openDebugger(): Promise<void> {
    // Late: node:net takes 5 ms of a start on Bun.
    const { DebuggerPort } = await import(
      "./development/debugger_port.ts" as string
    ) as typeof import("./development/debugger_port.ts");
    this.#debugger = new DebuggerPort(this.#options.debuggerPort);
    await this.#debugger.open();
  }

  async #openStatusPage(): Promise<void> {
    // Late: production does without it.
    const { StatusPage } = await import("./status.ts" as string) as typeof import("./status.ts");
    this.#statusPage = new StatusPage(this.#shown);
  }

  async #interrupted(): Promise<never> {
    log.info("interrupted while starting");
    await this.#close(this.#interruptedCode);
    throw new StartInterrupted("the service was told to stop before it had started");
  }

  async #failed(error: unknown): Promise<void> {
    this.#enter("failed", messageOf(error));
    reportFailedStart("cannot start", error);
    this.#failing("cannot start", messageOf(error), traceOf(error));
    this.#health.startFailed(traceOf(error));
    // The broker may have refused while the handler was starting.
    await Promise.all([this.#webhooks.flush(giveUpFlush), this.#pool.kill()]);
    // That it has not started has been said, and that it has stopped goes without saying.
    await this.#end(1);
  }

  async #giveUp(reason: string, trace: string): Promise<void> {
    const { maxRestarts, shutdownTimeout } = this.#options;
    const what = `gave up after ${counted(maxRestarts, "restart")} within a minute`;
    const summary = `${what}: ${reason}`;
    this.#enter("failed", summary);
    log.error("{summary}", { summary });
    this.#failing(what, reason, trace);
    this.#upkeep.renewNoMore();
    this.#upkeep.tellNoMore();
    this.#health.gaveUp(`${summary}\n\n${trace}`);
    this.#pump?.drain();
    // Other workers may be in the middle of requests.
    const stopping = this.#pool.stop(shutdownTimeout)
      .then((outcomes) => this.#killed || reportOutcomes(outcomes));
    await Promise.all([this.#webhooks.flush(giveUpFlush), stopping]);
    await this.#close(1);
  }

  async #drain(): Promise<void> {
    const { shutdownDelay, shutdownTimeout, webhookTimeout } = this.#options;
    this.#enter("draining", "no new requests are wanted");
    if (shutdownDelay === 0) log.info("draining");
    else {
      const time = elapsed(shutdownDelay);
      log.info("draining: still serving for {time}, readiness says no", { time });
    }
    this.#upkeep.renewNoMore();
    this.#pump?.drain();
    this.#pool.drain();
    this.#front.drain();
    // Where all workers die meanwhile, nobody is served any more.
    await within(shutdownDelay, this.#pool.allEnded());
    this.#front.close();
    this.#debugger?.resume();
    const outcomes = await this.#pool.stop(shutdownTimeout);
    if (this.#killed) return;
    const clean = reportOutcomes(outcomes) && !this.#diedWhileStopping;
    await this.#pump?.stop(acknowledgeTimeout);
    const abandoned = await this.#webhooks.flush(webhookTimeout);
    if (abandoned > 0) log.warn("webhooks that were not delivered: {abandoned}", { abandoned });
    await this.#close(clean ? 0 : 1);
  }

  async #close(code: number): Promise<void> {
    await this.#end(code, () => log.info("stopped"));
  }

  async #end(code: number, tell: () => void = () => {}): Promise<void> {
    this.#debugger?.close();
    this.#upkeep.close();
    await this.#statusPage?.close();
    this.#pump?.kill();
    await this.#front.end();
    this.#enter("stopped", "");
    tell();
    this.#finish.resolve(code);
  }

  #cannotStop(error: unknown): void {
    log.error("cannot stop as it should: {error}", { error: messageOf(error) });
    this.#finish.resolve(1);
  }

  #enter(phase: Phase, detail: string): void {
    this.phase = phase;
    this.detail = detail;
    this.since = Date.now();
  }
}
