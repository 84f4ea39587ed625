import { readFileSync, write } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { errorTrace } from "../errors.ts";
import { type StoppableServer, stopTls } from "./bun_tls.ts";
import { openInspector } from "./bun_inspector.ts";
import { isPackage, noteImports } from "./bun_imports.ts";
import { watchDirectory } from "./bun_watch.ts";
import {
  cLibraries,
  defaultMaxBodySize,
  type FetchHandler,
  type HandlerListener,
  type HandlerListenOptions,
  type Invocation,
  type Listener,
  type ListenOptions,
  type Runtime,
  SO_ATTACH_REUSEPORT_CBPF,
  socketProgram,
  SOL_SOCKET,
  WNOHANG,
} from "./runtime.ts";

/** The part of Bun's API that Hurricane uses, so that it is checked where Bun's types are not. */
interface BunApi {
  version: string;
  main: string;
  serve(options: Record<string, unknown>): BunServer;
  listen(options: { hostname: string; port: number; socket: { data(): void } }): {
    stop(closeActiveConnections: boolean): void;
  };
  file(path: string): Blob;
  inspect(value: unknown, options: { colors: boolean }): string;
  Transpiler: new (options: { loader: string }) => { scan(source: string): { exports: string[] } };
}

interface BunServer extends StoppableServer {
  hostname: string;
  port: number;
  protocol: "http" | "https";
  requestIP(request: Request): { address: string } | null;
}

interface BunWebSocket {
  close(code: number, reason: string): void;
}

type WebSocketCallback = (socket: BunWebSocket, ...rest: unknown[]) => unknown;

function api(): BunApi {
  return (globalThis as unknown as { Bun: BunApi }).Bun;
}

/** musl is part of a target's name, glibc is not. */
function libc(): string {
  if (process.platform !== "linux") return "";
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined ? "-musl" : "";
}

/** The root of the file system inside an executable made by `bun build --compile`. */
const insideExecutable = "/$bunfs/";

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

/** Bun: https://bun.com/docs */
export const bun: Runtime = {
  name: "bun",

  get version(): string {
    return api().version;
  },

  get target(): string {
    return `${process.platform}-${process.arch}${libc()}`;
  },

  get compiled(): boolean {
    return api().main.startsWith(insideExecutable);
  },

  self(): Invocation {
    const args = this.compiled ? [] : [...process.execArgv, api().main];
    return { file: process.execPath, args, env: {} };
  },

  openInspector,

  script(file: string): Invocation {
    // A compiled executable acts as the whole of Bun when it is asked to by this variable.
    const env: Record<string, string> = this.compiled ? { BUN_BE_BUN: "1" } : {};
    return { file: process.execPath, args: ["run", file], env };
  },

  requireFree({ hostname, port }): void {
    // A second Bun.serve takes 0.5 ms of a start, this a fifth of it.
    api().listen({ hostname, port, socket: { data() {} } }).stop(true);
  },

  async listen(fetch: FetchHandler, options: ListenOptions): Promise<Listener> {
    return await Promise.resolve(listener(api().serve({ ...options, development: false, fetch })));
  },

  async listenHandler(
    fetch: FetchHandler,
    options: HandlerListenOptions,
  ): Promise<HandlerListener> {
    const { fields, wrap, maxBodySize, tls, bodiesInFlight: _forDeno, ...address } = options;
    const { error: _inWrap, routes, websocket, ...known } = this.knownFields(fields);
    const sockets = new OpenWebSockets();
    const server = api().serve({
      development: false,
      maxRequestBodySize: defaultMaxBodySize,
      ...known,
      ...(maxBodySize === undefined ? {} : { maxRequestBodySize: maxBodySize }),
      ...(routes === undefined ? {} : { routes: wrapRoutes(routes as Routes, wrap) }),
      ...(websocket === undefined ? {} : { websocket: tracked(websocket as object, sockets) }),
      ...address,
      ...(tls === undefined ? {} : { tls }),
      fetch,
    });
    return await Promise.resolve({
      ...listener(server),
      ...(server.protocol === "https" ? { stop: () => stopTls(server) } : {}),
      closeWebSockets(): void {
        sockets.close();
      },
      scheme: server.protocol,
      pending: () => server.pendingRequests,
    });
  },

  knownFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const known: Record<string, unknown> = {};
    for (const name of serverFields) {
      // Own fields only: a framework's class may have a method of the same name (Elysia's `error`).
      if (!Object.hasOwn(fields, name) || fields[name] === undefined) continue;
      // Hono keeps a list of its own under this name; Bun's routes are an object with paths.
      if (name === "routes" && !isRoutes(fields[name])) continue;
      known[name] = fields[name];
    }
    return known;
  },

  remoteAddress(request: Request, info: unknown): string | undefined {
    return (info as BunServer).requestIP(request)?.address;
  },

  fileBody(path: string, start: number, end: number): Blob {
    // Of a stream Bun would not tell the length: https://github.com/oven-sh/bun/issues/10507
    return api().file(path).slice(start, end);
  },

  exportsOf(file: string): string[] | undefined {
    const source = readFileSync(file, "utf8");
    // All that another module has, or CommonJS, which exports as it runs.
    if (/\bexport\s*\*|\bexports\b/.test(source)) return undefined;
    // JSX is read in plain JavaScript, too, as Bun does; in TypeScript it would clash with casts.
    const loader = /\.[cm]?ts$/.test(file) ? "ts" : "tsx";
    try {
      const { Transpiler } = api();
      return new Transpiler({ loader }).scan(source).exports;
    } catch {
      // It does not parse: whoever needs it will say so, and where.
      return undefined;
    }
  },

  noteImports,

  isPackage,

  watchDirectory,

  reap(pid: number): void {
    cLibrary().waitpid(pid, null, WNOHANG);
  },

  setSocketOption(socket: number, option: number, value: Uint8Array): boolean {
    return cLibrary().setsockopt(socket, SOL_SOCKET, option, value, value.length) === 0;
  },

  attachReusePortProgram(socket: number, program: Uint8Array): boolean {
    const value = socketProgram(program, BigInt(ffi().ptr(program)));
    return this.setSocketOption(socket, SO_ATTACH_REUSEPORT_CBPF, value);
  },

  writeLog(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve) => {
      write(2, bytes, (error, written) => {
        if (error === null) resolve(written);
        else if (error.code === "EAGAIN") setTimeout(resolve, 1, 0);
        else resolve(bytes.length);
      });
    });
  },

  clock: () => () => performance.now(),

  inspect(error: unknown): string {
    try {
      return api().inspect(error, { colors: false });
    } catch {
      return errorTrace(error);
    }
  },
};

interface Ffi {
  dlopen(
    library: string,
    symbols: Record<keyof CLibrary, { args: string[]; returns: string }>,
  ): { symbols: CLibrary };
  ptr(bytes: Uint8Array): number;
}

interface CLibrary {
  waitpid(pid: number, status: null, options: number): number;
  setsockopt(
    socket: number,
    level: number,
    option: number,
    value: Uint8Array,
    length: number,
  ): number;
}

let opened: CLibrary | undefined;

function ffi(): Ffi {
  return createRequire(import.meta.url)("bun:ffi") as Ffi;
}

function cLibrary(): CLibrary {
  opened ??= openLibrary();
  return opened;
}

function openLibrary(): CLibrary {
  const errors: unknown[] = [];
  for (const library of cLibraries) {
    try {
      return ffi().dlopen(library, {
        waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" },
        setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
      }).symbols;
    } catch (error) {
      errors.push(error);
    }
  }
  throw new AggregateError(errors, `the C library cannot be loaded as ${cLibraries.join(", ")}`);
}

function listener(server: BunServer): Listener {
  return {
    hostname: server.hostname,
    port: server.port,
    stop: () => server.stop(),
    abort: () => void server.stop(true),
  };
}

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
function wrapRoutes(routes: Routes, wrap: (handler: FetchHandler) => FetchHandler): Routes {
  const wrapOne = (route: FetchHandler | Response): FetchHandler =>
    wrap(typeof route === "function" ? route : () => route.clone());
  const isCallable = (route: unknown): route is FetchHandler | Response =>
    typeof route === "function" || route instanceof Response;
  const wrapped: Routes = {};
  for (const [path, route] of Object.entries(routes)) {
    if (isCallable(route)) wrapped[path] = wrapOne(route);
    else if (isMethodTable(route)) {
      wrapped[path] = Object.fromEntries(
        Object.entries(route).map((
          [method, one],
        ) => [method, isCallable(one) ? wrapOne(one) : one]),
      );
    } else wrapped[path] = route;
  }
  return wrapped;
}

function isMethodTable(route: Route): route is Record<string, FetchHandler | Response> {
  return typeof route === "object" && Object.getPrototypeOf(route) === Object.prototype &&
    Object.keys(route).some((key) => /^[A-Z]+$/.test(key));
}

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
