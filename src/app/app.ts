import { logger } from "../log.ts";
import { RequestCounters } from "../metrics/requests.ts";
import type { AppSnapshot } from "../metrics/snapshot.ts";
import { runtime } from "../runtime/mod.ts";
import type { FetchHandler, HandlerListener, TlsKeyPair } from "../runtime/runtime.ts";
import { describe } from "../errors.ts";
import { AccessLog } from "./access_log.ts";
import { CheckRunner } from "./checks.ts";
import { handlerMetrics } from "./handler_metrics.ts";
import type { Handler } from "./handler.ts";
import type { AppOptions } from "./options.ts";
import type { AppAddress, AppEnd, CheckResult } from "./protocol.ts";
import { heartbeatInterval, metricsTimeout, onShutdownAtLeast } from "../timeline.ts";
import { expired, within } from "../within.ts";
import { ListenError } from "./listen_error.ts";
import { pathOf, requestPath } from "./request_path.ts";
import type { TlsFiles } from "./tls.ts";

const log = logger("handler");

/** How stopping went, as the supervisor sees it. */
export type StopOutcome = Pick<AppEnd["tells"]["stopped"], "cut" | "atLeast"> & {
  /** What `onShutdown` threw. */
  error?: unknown;
};

/** Answers a probe request that came in on the handler's port. */
export type ProbeForwarder = (request: Request) => Promise<Response>;

/** The handler and what is around it: listening, counting, checks, draining. */
export class App {
  readonly #handler: Handler;
  readonly #options: AppOptions;
  readonly #counters = new RequestCounters();
  readonly #checks: Record<"readiness" | "liveness", CheckRunner>;
  readonly #draining = { now: false };
  #listener: HandlerListener | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #loopDelay = 0;
  #access: AccessLog | undefined;

  constructor(handler: Handler, options: AppOptions) {
    this.#handler = handler;
    this.#options = options;
    this.#checks = {
      readiness: new CheckRunner(handler.checks.readiness),
      liveness: new CheckRunner(handler.checks.liveness),
    };
  }

  /**
   * Starts to listen on a port; 0 picks a free one. Rejects where the address cannot be had.
   *
   * `forwardProbe` answers the probe paths, where the probes share the handler's port.
   */
  async listen(port: number, forwardProbe?: ProbeForwarder): Promise<AppAddress> {
    const { hostname, reusePort, maxBodySize, probePaths, tls } = this.#options;
    const { fetch, fields } = this.#handler;
    const known = runtime.knownFields(fields);
    if (tls !== undefined) delete known["tls"];
    this.#warnAbout(fields, known);
    const counted = await this.#serving(known);
    const server = { fetch: counted(fetch), fields: known };
    const { fetch: first, fields: shared } = forwardProbe === undefined
      ? server
      : probesFirst(probePaths, forwardProbe, server);
    const address = { hostname, port, reusePort };
    try {
      this.#listener = await runtime.listenHandler(first, {
        ...address,
        maxBodySize,
        ...(tls === undefined ? {} : { tls: await readKeyPair(tls) }),
        fields: shared,
        bodiesInFlight: () => this.#counters.bodiesInFlight,
        wrap: (handler) => handler === forwardProbe ? handler : counted(handler),
      });
    } catch (error) {
      throw new ListenError("the handler", "--port", address, error);
    }
    return {
      hostname: this.#listener.hostname,
      port: this.#listener.port,
      scheme: this.#listener.scheme,
      checks: { readiness: this.#checks.readiness.size, liveness: this.#checks.liveness.size },
    };
  }

  /** Calls `beat` several times a second for as long as the event loop turns. */
  startHeartbeat(beat: () => void): void {
    let expected = performance.now() + heartbeatInterval;
    this.#heartbeat = setInterval(() => {
      const now = performance.now();
      this.#loopDelay = Math.max(0, now - expected) / 1000;
      expected = now + heartbeatInterval;
      beat();
    }, heartbeatInterval);
  }

  /** Changes whenever a request was counted. */
  get revision(): number {
    return this.#counters.revision;
  }

  snapshot(): AppSnapshot {
    return {
      inFlight: this.#counters.inFlight,
      answered: this.#counters.answered,
      loopDelay: this.#loopDelay,
      requests: this.#counters.snapshot(),
    };
  }

  /** Runs the handler's own checks of a probe. Never rejects. */
  runChecks(probe: "readiness" | "liveness"): Promise<CheckResult[]> {
    return this.#checks[probe].run(this.#options.checkTimeout);
  }

  /**
   * What the handler registered in prom-client's default registry, as that gives it. Never rejects:
   * resolves with `undefined` where it cannot be read, as when a `collect()` throws or hangs.
   */
  async handlerMetrics(): Promise<unknown[] | undefined> {
    try {
      const metrics = await within(metricsTimeout, handlerMetrics(this.#handler.promClient));
      if (metrics !== expired) return metrics;
      throw new Error(`no result within ${metricsTimeout}ms`);
    } catch (error) {
      log.warn("the handler's own metrics cannot be read: {error}", { error: describe(error) });
      return undefined;
    }
  }

  /** From now on each response asks its client to open another connection next time. */
  drain(): void {
    this.#draining.now = true;
  }

  /**
   * Takes no new connection, and lets what is in flight finish for up to `timeout` milliseconds.
   * Then reads the handler's own metrics, for `onShutdown` may close what they are read from, and runs
   * that for as long as is left, but for at least 5 seconds.
   *
   * Never rejects: what went wrong is in the {@linkcode StopOutcome}.
   */
  async stop(timeout: number): Promise<StopOutcome & { metrics?: unknown[] }> {
    this.drain();
    const deadline = performance.now() + timeout;
    const stopped = await this.#stopListening(timeout);
    const metrics = await this.handlerMetrics();
    const left = Math.max(deadline - performance.now(), onShutdownAtLeast);
    const error = await this.#runOnShutdown(left);
    clearInterval(this.#heartbeat);
    this.#access?.close();
    return {
      ...stopped,
      ...(error === undefined ? {} : { error }),
      ...(metrics === undefined ? {} : { metrics }),
    };
  }

  async #runOnShutdown(timeout: number): Promise<unknown> {
    const { onShutdown } = this.#handler;
    if (onShutdown === undefined) return undefined;
    try {
      const running = (async () => void await onShutdown())();
      if (await within(timeout, running) !== expired) return undefined;
      return new Error(`onShutdown took longer than ${Math.round(timeout)}ms`);
    } catch (error) {
      return error ?? new Error("onShutdown threw nothing");
    }
  }

  async #stopListening(timeout: number): Promise<StopOutcome> {
    const listener = this.#listener;
    if (listener === undefined) return { cut: 0 };
    const stopped = listener.stop(timeout);
    listener.closeWebSockets();
    if (await within(timeout, stopped) !== expired) return { cut: 0 };
    const pending = listener.pending();
    listener.abort();
    if (pending !== undefined) return { cut: pending };
    return { cut: Math.max(1, this.#counters.inFlight), atLeast: true };
  }

  /** What is around each of the handler's functions: the counting, and the files, where there are some. */
  async #serving(
    known: Readonly<Record<string, unknown>>,
  ): Promise<(handler: FetchHandler) => FetchHandler> {
    const counted = this.#counting(known);
    const { static: directories } = this.#options;
    if (directories.length === 0) return counted;
    const { staticFiles } = await import("./static/files.ts");
    const files = staticFiles(directories);
    return (handler) => counted(files(handler));
  }

  #counting(known: Readonly<Record<string, unknown>>): (handler: FetchHandler) => FetchHandler {
    const { metrics, maxInflight, accessLog, logFormat } = this.#options;
    const access = accessLog ? new AccessLog(logFormat) : undefined;
    this.#access = access;
    const now = runtime.clock();
    return (handler) =>
      requestPath(handler, {
        counters: this.#counters,
        metrics,
        ...(maxInflight === undefined ? {} : { maxInflight }),
        draining: this.#draining,
        upgrades: known["websocket"] !== undefined,
        inspect: runtime.inspect,
        now,
        ...(typeof known["error"] === "function"
          ? { onError: known["error"] as () => Response }
          : {}),
        ...(access === undefined ? {} : {
          onAnswer: (request, method, info, status, seconds) =>
            access.write(
              method,
              request.url,
              status,
              seconds,
              runtime.remoteAddress(request, info),
            ),
        }),
      });
  }

  /** Has a field of the default export been taken for what a module exports beside it? */
  #isTaken(name: string, value: unknown): boolean {
    const { checks, onShutdown } = this.#handler;
    return (name === "checks" && value === checks) ||
      (name === "onShutdown" && value === onShutdown);
  }

  /** Says what of the default export does not take effect. */
  #warnAbout(fields: Handler["fields"], known: Readonly<Record<string, unknown>>): void {
    // A framework's object has fields for its own use; those of an object literal were meant.
    if (Object.getPrototypeOf(fields) !== Object.prototype) return;
    const overruling = new Map([["port", "--port"], ["hostname", "--host"]]);
    if (this.#options.tls !== undefined) overruling.set("tls", "--tls-cert");
    for (const name of Object.keys(fields)) {
      if (name === "fetch" || name in known || this.#isTaken(name, fields[name])) continue;
      const flag = overruling.get(name);
      if (flag !== undefined) {
        // A certificate and its key are not for the log.
        const given = name === "tls" ? name : `${name} ${String(fields[name])}`;
        log.warn("the handler's {given} gives way to {flag}", { given, flag });
      } else {
        log.warn("the handler's field {name} means nothing to {runtime} and is ignored", {
          name,
          runtime: runtime.name,
        });
      }
    }
  }
}

/** Loads what reads certificates, and with it cryptography, only where there are any. */
async function readKeyPair(files: TlsFiles): Promise<TlsKeyPair> {
  const { readTls } = await import("./tls.ts");
  return readTls(files);
}

/** A server that looks whether a request is for a probe before the handler sees it. */
function probesFirst(
  paths: readonly string[],
  forward: ProbeForwarder,
  server: { fetch: FetchHandler; fields: Record<string, unknown> },
): typeof server {
  const known = new Set(paths.flatMap((path) => [path, `${path}/`]));
  const { routes, ...rest } = server.fields;
  const probes = Object.fromEntries([...known].map((path) => [path, forward]));
  return {
    fetch: (request, info) =>
      known.has(pathOf(request.url)) ? forward(request) : server.fetch(request, info),
    // Bun's `routes` come before `fetch`, and the probes before both.
    fields: routes === undefined ? rest : { ...rest, routes: { ...routes, ...probes } },
  };
}
