import { logger } from "../log.ts";
import { RequestCounters } from "../metrics/requests.ts";
import type { AppSnapshot } from "../metrics/snapshot.ts";
import { flushPatience, lastMetricsTimeout, onShutdownAtLeast } from "../timeline.ts";
import { runtime } from "../runtime/mod.ts";
import { expired, within } from "../within.ts";
import { CheckRunner } from "./checks.ts";
import type { Handler, HandlerParts } from "./handler.ts";
import { HandlerMetrics, type MissingMetric, type TakePart } from "./handler_metrics.ts";
import { Heartbeat } from "./heartbeat.ts";
import { HttpSource } from "./http_source.ts";
import type { ProbeForwarder } from "./layers.ts";
import type { AppOptions } from "./options.ts";
import type { Traces } from "./otel/traces.ts";
import type { AppAddress, CheckResult } from "./protocol.ts";
import { allCutOff, type CutOff, type Source } from "./source.ts";
import { trouble } from "./trouble.ts";
import { clearTimeout, performance, Promise, setTimeout } from "../natives.ts";

const log = logger("handler");

/** How stopping went, as the supervisor sees it. */
export interface StopOutcome extends CutOff {
  /** What `onShutdown` threw, or how else its process ended. */
  error?: unknown;
  /** Its process ended before it could tell, which no time-out did. */
  died?: true;
}

/** What a handler's own program does at its end. */
export interface LastOfAll {
  /** Begins it, the first time. */
  begin(): void;
  /** Begins it, if that has not been done, and waits for it for up to `timeout` milliseconds. */
  done(timeout: number): Promise<void>;
}

/**
 * The handler and what is around it: where its work comes from, what is counted of it, its checks,
 * its end.
 */
export class App {
  readonly #handler: Handler;
  /** What is called of its module. */
  #parts: Pick<HandlerParts, "onDrain" | "onShutdown">;
  readonly #options: AppOptions;
  readonly #traces: Traces | undefined;
  readonly #counters = new RequestCounters();
  #checks: Record<"readiness" | "liveness", CheckRunner>;
  readonly #metrics: HandlerMetrics;
  readonly #sources: Source[] = [];
  #heartbeat: Heartbeat | undefined;
  #draining = false;
  /** Settles when `onDrain` has. */
  #drained: Promise<void> = Promise.resolve();

  /** @param traces where requests are traced */
  constructor(handler: Handler, options: AppOptions, traces?: Traces) {
    this.#handler = handler;
    this.#parts = handler;
    this.#options = options;
    this.#traces = traces;
    this.#checks = checkRunners(handler);
    this.#metrics = new HandlerMetrics(handler.promClient);
  }

  /** Takes up what the handler's module exports besides, where that was not known at first. */
  take(parts: HandlerParts): void {
    this.#parts = parts;
    this.#checks = checkRunners(parts);
  }

  /**
   * Starts to listen on a port; 0 picks a free one. Rejects where the address cannot be had.
   *
   * `forwardProbe` answers the probe paths, where the probes share the handler's port. `lost` is called
   * when it no longer listens although nobody asked it to stop, and never will again.
   */
  async listen(
    port: number,
    forwardProbe?: ProbeForwarder,
    lost: (error: Error) => void = () => {},
  ): Promise<Omit<AppAddress, "checks">> {
    const [handler, options, counters] = [this.#handler, this.#options, this.#counters];
    const parts = { options, counters, traces: this.#traces, port, forwardProbe, lost };
    const http = "node" in handler
      // Late: few handlers are servers of node:http.
      ? new (await import("./node/source.ts" as string) as typeof import("./node/source.ts"))
        .NodeSource({ ...parts, handler })
      : new HttpSource({ ...parts, handler });
    this.#sources.push(http);
    if (this.#draining) http.drain();
    return await http.start();
  }

  /** How many checks of its own the handler has for each probe. */
  get checks(): AppAddress["checks"] {
    const { readiness, liveness } = this.#checks;
    return { readiness: readiness.size, liveness: liveness.size };
  }

  /** Calls `beat` several times a second for as long as the event loop turns. */
  startHeartbeat(beat: () => void): void {
    // In development it is imported, edited and looked at while no requests come.
    const { tellImports, tellLog } = this.#options;
    const activity = (): number | undefined =>
      tellImports || tellLog || this.#inFlight > 0
        ? undefined
        : this.#counters.answered + this.revision;
    this.#heartbeat = new Heartbeat(activity, (next) => {
      runtime.turned?.(next);
      beat();
    });
  }

  /** Is the next heartbeat due later than usual? */
  get rests(): boolean {
    return this.#heartbeat?.rests ?? false;
  }

  /** Does what may hold the event loop up: that it turns is shown often meanwhile. */
  async stirred<Result>(action: () => Promise<Result>): Promise<Result> {
    const heartbeat = this.#heartbeat;
    heartbeat?.stir();
    try {
      return await action();
    } finally {
      heartbeat?.settled();
    }
  }

  get #inFlight(): number {
    return this.#sources.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  /** Changes whenever a request was counted. */
  get revision(): number {
    return this.#counters.revision;
  }

  snapshot(): AppSnapshot {
    return { ...this.state, requests: this.#counters.snapshot() };
  }

  /** What a snapshot holds besides the requests' counters, which are dear to copy. */
  get state(): Omit<AppSnapshot, "requests"> {
    return {
      inFlight: this.#inFlight,
      answered: this.#counters.answered,
      loopDelay: this.#heartbeat?.loopDelay ?? 0,
    };
  }

  /** Runs the handler's own checks of a probe. Never rejects. */
  runChecks(probe: "readiness" | "liveness"): Promise<CheckResult[]> {
    return this.#checks[probe].run(this.#options.checkTimeout);
  }

  /**
   * Reads what the handler registered in prom-client's default registry. Never rejects: it tells what is
   * missing because it cannot be read in this time, as when a `collect()` throws or hangs.
   */
  handlerMetrics(timeout: number, take: TakePart): Promise<MissingMetric[]> {
    return this.#metrics.read(timeout, take);
  }

  /**
   * From now on work had better go elsewhere: see {@linkcode Source.drain}. The first time, `onDrain`
   * is called.
   */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (const source of this.#sources) source.drain();
    this.#drained = this.#runOnDrain();
  }

  /**
   * Takes no more work, and lets what is in flight finish, and `onDrain` and what was given to `waitUntil`
   * settle, for up to `timeout` milliseconds. Then reads the handler's own metrics, for `onShutdown` may close what they are read from, and runs
   * that for as long as is left, but for at least 5 seconds.
   *
   * Never rejects: what went wrong is in the {@linkcode StopOutcome}.
   *
   * @param metrics takes the handler's own metrics
   * @param last what comes after that; nothing of Hurricane's keeps the process alive meanwhile. It is begun
   * when half of `timeout` is over, for it may end what would be waited for in vain.
   */
  async stop(
    timeout: number,
    metrics: TakePart = () => {},
    last: LastOfAll = { begin() {}, async done() {} },
  ): Promise<StopOutcome & { missing: MissingMetric[] }> {
    const deadline = performance.now() + timeout;
    this.#heartbeat?.stir();
    this.drain();
    const halfTime = setTimeout(() => last.begin(), timeout / 2);
    const cutOff = allCutOff(
      await Promise.all(this.#sources.map((source) => source.stop(timeout))),
    );
    clearTimeout(halfTime);
    const left = (): number => Math.max(deadline - performance.now(), 0);
    if (await within(left(), this.#drained) === expired) {
      log.warn("onDrain is not waited for any longer (--shutdown-timeout)");
    }
    const { background } = this.#handler;
    if (background !== undefined && await within(left(), background.done()) === expired) {
      const { size } = background;
      log.warn("{size} promises given to waitUntil are not waited for any longer", { size });
    }
    const missing = await this.#metrics.read(lastMetricsTimeout, metrics);
    const end = Math.max(deadline, performance.now() + onShutdownAtLeast);
    const error = await this.#runOnShutdown(end - performance.now());
    await this.#traces?.close(Math.max(0, Math.min(end - performance.now(), flushPatience)));
    this.#heartbeat?.unref();
    await last.done(Math.max(0, end - performance.now()));
    this.#heartbeat?.stop();
    return {
      ...cutOff,
      ...(error === undefined ? {} : { error }),
      missing,
    };
  }

  async #runOnDrain(): Promise<void> {
    try {
      await this.#parts.onDrain?.();
    } catch (error) {
      const { message, trace } = trouble(error);
      log.error("onDrain failed: {error}", { error: message, stack: trace });
    }
  }

  async #runOnShutdown(timeout: number): Promise<unknown> {
    const { onShutdown } = this.#parts;
    if (onShutdown === undefined) return undefined;
    try {
      const running = (async () => void await onShutdown())();
      if (await within(timeout, running) !== expired) return undefined;
      return new Error(`onShutdown took longer than ${Math.round(timeout)}ms`);
    } catch (error) {
      return error ?? new Error("onShutdown threw nothing");
    }
  }
}

function checkRunners({ checks }: HandlerParts): Record<"readiness" | "liveness", CheckRunner> {
  return {
    readiness: new CheckRunner(checks.readiness),
    liveness: new CheckRunner(checks.liveness),
  };
}
