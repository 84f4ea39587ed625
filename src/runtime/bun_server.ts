import type { BunServer } from "./bun_api.ts";
import { mostUnwanted, refusing } from "./bodies.ts";
import { socketCalls } from "./bun_c_library.ts";
import { limited as limitedConnections } from "./connections.ts";
import { limited } from "./bun_bodies.ts";
import { bunIdleTimeout, IdleLimit } from "./bun_idle.ts";
import { serve, serveWrapped } from "./bun_serve.ts";
import { stopTls, withCiphers } from "./bun_tls.ts";
import { noteUpgrades } from "./bun_upgrades.ts";
import {
  defaultIdleTimeout,
  defaultMaxBodySize,
  type FetchHandler,
  type HandlerListener,
  type HandlerListenOptions,
  type Listener,
  type ListenOptions,
  type TlsListenOptions,
} from "./runtime.ts";
import { isResponse, Promise, setImmediate } from "../natives.ts";

/** Fields of `Bun.serve` that a default export may carry: https://bun.com/docs/runtime/http/server */
const serverFields = [
  "routes",
  "websocket",
  "error",
  "idleTimeout",
  "maxRequestBodySize",
  "development",
  "tls",
  "ipv6Only",
  "id",
];

/** Bun's part of `Runtime.listen`. */
export async function listen(fetch: FetchHandler, options: ListenOptions): Promise<Listener> {
  const server = listener(serve({ ...options, development: false, fetch }));
  return await Promise.resolve(limitedConnections(server, options, socketCalls));
}

/** Bun's part of `Runtime.listenHandler`. */
export async function listenHandler(
  fetch: FetchHandler,
  options: HandlerListenOptions,
): Promise<HandlerListener> {
  const { hostname, port, reusePort, lost, tls } = options;
  const sockets = new OpenWebSockets();
  const { tls: ownTls, ...config } = configOf(fetch, options, sockets);
  const server = (options.direct ? serve : serveWrapped)({
    ...config,
    hostname,
    port,
    reusePort,
    ...tlsOf(ownTls, tls),
  });
  const { idleTimeout: seconds } = config;
  const idle = seconds === 0 ? undefined : new IdleLimit(server, seconds);
  const byUs = whenStopped(server, () => {
    lost({ reason: "the handler called stop() of its server", reopened: false });
  });
  if (config.websocket !== undefined) noteUpgrades(server);
  return await Promise.resolve({
    ...listener(server),
    stop(): Promise<void> {
      byUs();
      const stopped = server.protocol === "https" ? stopTls(server) : server.stop();
      // Until then what is being sent is not to be cut off.
      return stopped.finally(() => idle?.stop());
    },
    abort(): void {
      byUs();
      void server.stop(true);
    },
    closeWebSockets(): void {
      sockets.close();
    },
    scheme: server.protocol,
    pending: () => server.pendingRequests,
    server,
    reload: (fetch, served) =>
      void server.reload(configOf(fetch, { ...options, ...served }, sockets)),
  });
}

/** Of the handler's own `tls` the rest holds beside a certificate that an option names. */
function tlsOf(own: unknown, tls: TlsListenOptions | undefined): { tls?: unknown } {
  if (tls !== undefined) return { tls: withCiphers({ ...(own as object | undefined), ...tls }) };
  // What Bun does not take for TLS must stay so.
  const speaksTls = typeof own === "object" && own !== null &&
    Object.values(own).some((value) => value !== undefined);
  return { tls: speaksTls ? withCiphers(own) : own };
}

/** What a handler and its fields are among the options of `Bun.serve`. */
function configOf(
  fetch: FetchHandler,
  { fields, wrap, onError, maxBodySize, idleTimeout }: HandlerListenOptions,
  sockets: OpenWebSockets,
): Record<string, unknown> & { idleTimeout: number; tls?: object; websocket?: object } {
  const { error: _inWrap, routes, websocket, idleTimeout: own, ...known } = knownFields(fields);
  const limit = maxBodySize ?? ownLimit(known) ?? defaultMaxBodySize;
  const tooLarge = wrap(refusing(limit));
  const around = (handler: FetchHandler): FetchHandler => limited(handler, limit, tooLarge);
  return {
    development: false,
    ...known,
    maxRequestBodySize: limit + mostUnwanted,
    ...(routes === undefined
      ? {}
      : { routes: wrapRoutes(routes as Routes, (handler, route) => around(wrap(handler, route))) }),
    ...(websocket === undefined ? {} : { websocket: tracked(websocket as object, sockets) }),
    idleTimeout: idleSeconds(idleTimeout, own),
    error: onError,
    fetch: around(fetch),
  };
}

/** Bun's part of `Runtime.knownFields`. */
export function knownFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known: Record<string, unknown> = {};
  for (const name of serverFields) {
    const value = fields[name];
    if (value === undefined) continue;
    // Hono keeps a list of its own under this name; Bun's routes are an object with paths.
    if (name === "routes" && !isRoutes(value)) continue;
    if (!Object.hasOwn(fields, name) && !isMeantForBun(name, value)) continue;
    known[name] = value;
  }
  return known;
}

/** The `idleTimeout` of a handler's server: as the option says, or else the handler, in its seconds. */
function idleSeconds(option: number | undefined, own: unknown): number {
  if (option === undefined && typeof own === "number") return own;
  return bunIdleTimeout(option ?? defaultIdleTimeout);
}

function ownLimit({ maxRequestBodySize }: Record<string, unknown>): number | undefined {
  return typeof maxRequestBodySize === "number" ? maxRequestBodySize : undefined;
}

/**
 * Is what a class has under one of Bun's names meant for Bun? A framework's may have a method of its
 * own there. Bun calls `error` with one argument, and Elysia's takes two; of the other fields none is
 * a function.
 */
function isMeantForBun(name: string, value: unknown): boolean {
  return name === "error"
    ? typeof value === "function" && value.length <= 1
    : typeof value !== "function";
}

function listener(server: BunServer): Listener {
  return {
    hostname: server.hostname,
    port: server.port,
    stop: () => server.stop(),
    abort: () => void server.stop(true),
  };
}

/**
 * Calls `stopped` once where the handler stops the server that its functions are given.
 *
 * @returns what says that it is Hurricane from now on who stops it
 */
function whenStopped(server: BunServer, stopped: () => void): () => void {
  let expected = false;
  for (const name of ["stop", Symbol.dispose] as const) {
    const method = (server as unknown as Record<typeof name, Method>)[name];
    Object.defineProperty(server, name, {
      value(...args: unknown[]): unknown {
        const result = Reflect.apply(method, server, args);
        // What answers the request in which that is called goes first.
        if (!expected) setImmediate(stopped);
        expected = true;
        return result;
      },
    });
  }
  return () => expected = true;
}

type Method = (...args: unknown[]) => unknown;

type Route = FetchHandler | Response | Record<string, FetchHandler | Response> | false | object;
type Routes = Record<string, Route>;

function isRoutes(value: unknown): value is Routes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Puts `wrap` around every function and every prepared `Response` in Bun's `routes`.
 *
 * What Bun serves without JavaScript (`Bun.file`, HTML imports, `false`) is passed on as it is.
 */
function wrapRoutes(
  routes: Routes,
  wrap: (handler: FetchHandler, route: string) => FetchHandler,
): Routes {
  const wrapOne = (route: FetchHandler | Response, path: string): FetchHandler =>
    wrap(typeof route === "function" ? route : () => route.clone(), path);
  const isCallable = (route: unknown): route is FetchHandler | Response =>
    typeof route === "function" || isResponse(route);
  const wrapped: Routes = {};
  for (const [path, route] of Object.entries(routes)) {
    if (isCallable(route)) wrapped[path] = wrapOne(route, path);
    else if (isMethodTable(route)) {
      wrapped[path] = Object.fromEntries(
        Object.entries(route).map((
          [method, one],
        ) => [method, isCallable(one) ? wrapOne(one, path) : one]),
      );
    } else wrapped[path] = route;
  }
  return wrapped;
}

function isMethodTable(route: Route): route is Record<string, FetchHandler | Response> {
  return typeof route === "object" && Object.getPrototypeOf(route) === Object.prototype &&
    Object.keys(route).some((key) => /^[A-Z]+$/.test(key));
}

interface BunWebSocket {
  close(code: number, reason: string): void;
}

type WebSocketCallback = (socket: BunWebSocket, ...rest: unknown[]) => unknown;

/** The open WebSockets, which `server.stop()` would wait for without an end. */
class OpenWebSockets {
  readonly #open = new Set<BunWebSocket>();
  #closing = false;

  add(socket: BunWebSocket): void {
    this.#open.add(socket);
    if (this.#closing) this.#close(socket);
  }

  delete(socket: BunWebSocket): void {
    this.#open.delete(socket);
  }

  /** Closes those that are open, and whichever a request in flight still opens. */
  close(): void {
    this.#closing = true;
    for (const socket of this.#open) this.#close(socket);
  }

  #close(socket: BunWebSocket): void {
    socket.close(1001, "the server is shutting down");
  }
}

/** Bun's `websocket` callbacks, with its sockets remembered. */
function tracked(websocket: object, sockets: OpenWebSockets): object {
  const { open, close } = websocket as Record<"open" | "close", WebSocketCallback | undefined>;
  return {
    ...websocket,
    open(socket: BunWebSocket, ...rest: unknown[]): unknown {
      sockets.add(socket);
      return open?.call(websocket, socket, ...rest);
    },
    close(socket: BunWebSocket, ...rest: unknown[]): unknown {
      sockets.delete(socket);
      return close?.call(websocket, socket, ...rest);
    },
  };
}
