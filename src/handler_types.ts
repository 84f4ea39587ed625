/**
 * What the author of a handler writes, as types: nothing of Hurricane is loaded with them.
 *
 * @example
 * ```ts ignore
 * import type { Checks, Handler } from "@hurricane/hurricane/handler";
 *
 * export default {
 *   fetch(request, _info, context) {
 *     context.waitUntil(noted(request.url));
 *     return new Response("hello");
 *   },
 * } satisfies Handler;
 *
 * export const checks = {
 *   readiness: { database: (signal) => ping({ signal }) },
 * } satisfies Checks;
 * ```
 *
 * @module
 */

/**
 * One of the handler's own checks: it throws, rejects or takes too long, and the probe fails. A plain object
 * that it returns is shown in the probe's JSON answer. The signal is aborted when nobody waits for it any
 * more, after `--check-timeout`.
 */
export type Check = (signal: AbortSignal) => unknown;

/** The handler's own checks by probe and name. */
export interface Checks {
  /** Where one fails, the readiness probe answers 500, and the pod gets no requests. */
  readiness?: Record<string, Check>;
  /** Where one fails, the liveness probe answers 500, and the container is restarted. */
  liveness?: Record<string, Check>;
}

/**
 * The third argument of `fetch`, as on Cloudflare
 * (https://developers.cloudflare.com/workers/runtime-apis/context/). One is for all requests.
 */
export interface ExecutionContext {
  /** A promise that a stop waits for, within `--shutdown-timeout`. Its rejection is logged. */
  waitUntil(promise: unknown): void;
  /** There is no origin to pass a request on to: of no effect. */
  passThroughOnException(): void;
  /** Cloudflare has here what another worker has passed: nothing. Types of frameworks ask for it. */
  readonly props: Readonly<Record<string, never>>;
}

/**
 * The second argument of `fetch` on Bun, and in the executable: the server
 * (https://bun.com/docs/api/http). The part of it that handlers use; `Handler<Bun.Server<undefined>>`
 * has all of it, where Bun's own types are installed.
 */
export interface BunInfo {
  /** The client's address, which behind a proxy is the proxy's. */
  requestIP(request: Request): { address: string; port: number; family: "IPv4" | "IPv6" } | null;
  /**
   * Makes a WebSocket of a request; `fetch` then returns nothing. `false` where it asks for none. The options
   * are `headers` of the answer, and `data` for the handlers of `websocket`.
   */
  upgrade(request: Request, options?: object): boolean;
  /** How many seconds of silence end the connection of a request; 0: none do. */
  timeout(request: Request, seconds: number): void;
  /** Where the handler listens. */
  readonly url: URL;
}

/**
 * The second argument of `fetch` on Deno
 * (https://docs.deno.com/api/deno/~/Deno.ServeHandlerInfo).
 */
export interface DenoInfo {
  /** The client's address, which behind a proxy is the proxy's. */
  remoteAddr: { transport: "tcp" | "udp"; hostname: string; port: number };
  /** Resolves when the answer has been sent. */
  completed: Promise<void>;
}

/** The second argument of `fetch` on either runtime: `"upgrade" in info` tells which one it is. */
export type Info = BunInfo | DenoInfo;

/** What `fetch` gives: on Bun nothing for a request of which it has made a WebSocket. */
export type Answer = Response | undefined | Promise<Response | undefined>;

/**
 * What a module exports by default: `export default { … } satisfies Handler`. Bun's and Deno's own fields keep
 * working; where the port and the address are is for `--port` and `--host` to say.
 *
 * @typeParam RuntimeInfo What the second argument of `fetch` is, where it runs on one runtime alone:
 * {@linkcode BunInfo}, {@linkcode DenoInfo}, or the runtime's own type.
 */
export interface Handler<RuntimeInfo = Info> {
  /** Answers a request. What it throws or rejects with is logged, and answered with 500. */
  fetch(request: Request, info: RuntimeInfo, context: ExecutionContext): Answer;
  /** Bun: answers in the place of a `fetch` that has thrown. */
  error?(error: Error): Response | Promise<Response>;
  /** Bun: routes that are looked at before `fetch`. */
  routes?: object;
  /** Bun: what happens on WebSockets. */
  websocket?: object;
  /** Bun: how many seconds a connection may be idle, unless `--idle-timeout` is given. */
  idleTimeout?: number;
  /** Bun: the largest request body in bytes, unless `--max-body-size` is given. */
  maxRequestBodySize?: number;
  /** Bun: error pages for developers. */
  development?: boolean | object;
  /** Bun: a certificate and its key, unless `--tls-cert` is given. */
  tls?: object;
  /** Bun: take no connections of IPv4. */
  ipv6Only?: boolean;
  /** Bun: what the server is called in its inspector. */
  id?: string | null;
  /** Deno: is called when it listens. */
  onListen?(address: { hostname: string; port: number }): void;
}

/** A function that is exported by default, or as `fetch`: `(request, info, context) => Response`. */
export type FetchFunction<RuntimeInfo = Info> = Handler<RuntimeInfo>["fetch"];

/**
 * A module that answers `Request` with `Response`, as its author wrote it. All but the handler is optional.
 * It may export more, which is left alone.
 */
export interface HandlerModule {
  /**
   * A {@linkcode Handler}, a {@linkcode FetchFunction}, an application or server of `node:http`, or a promise of
   * one of these. A module that opens its server by itself needs none.
   */
  default?: object;
  /** The handler, where there is no default export. */
  fetch?: unknown;
  /** The handler's own checks, for readiness and liveness probes. */
  checks?: Checks;
  /**
   * Called once, when the service begins to drain, or this process is about to be replaced: ends what
   * would never end by itself (event streams, long polls). It may be async, is awaited before `onShutdown`
   * for as long as `--shutdown-timeout` allows, and what it throws is logged.
   */
  onDrain?: () => unknown;
  /** Called when the last request has been answered: closes what the handler has opened. May be async. */
  onShutdown?: () => unknown;
  /** Whatever else it exports. */
  [name: string]: unknown;
}
