import { readFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { errorTrace } from "../errors.ts";
import { BreakableRequests } from "./deno_breakable.ts";
import { inspectorFlags, openInspector } from "./deno_inspector.ts";
import { isPackage, noteImports } from "./deno_imports.ts";
import { projectFlags } from "./deno_project.ts";
import { watchDirectory } from "./deno_watch.ts";
import {
  BodyTooLarge,
  cLibraries,
  CLOCK_MONOTONIC,
  defaultMaxBodySize,
  type FetchHandler,
  type HandlerListener,
  type HandlerListenOptions,
  type Invocation,
  type Listener,
  type ListenOptions,
  type Runtime,
  scriptVariable,
  SO_ATTACH_REUSEPORT_CBPF,
  socketProgram,
  SOL_SOCKET,
  type TlsKeyPair,
  WNOHANG,
} from "./runtime.ts";

/** Fields that `deno serve` takes from a default export besides `fetch`. */
const serverFields = ["onListen"];

/** Deno: https://docs.deno.com */
export const deno: Runtime = {
  name: "deno",

  get version(): string {
    return Deno.version.deno;
  },

  get target(): string {
    const { os, arch, env } = Deno.build;
    const libc = env === "musl" ? "-musl" : "";
    return `${os}-${arch === "x86_64" ? "x64" : "arm64"}${libc}`;
  },

  get compiled(): boolean {
    return Deno.build.standalone;
  },

  self(handler?: string, inspector = false): Invocation {
    const flags = [...ownFlags(), ...projectFlags(handler), ...inspector ? inspectorFlags : []];
    const args = this.compiled ? [] : [...flags, Deno.mainModule];
    return { file: process.execPath, args, env: {} };
  },

  openInspector,

  script(file: string): Invocation {
    if (this.compiled) {
      // An executable made by `deno compile` is no Deno; it imports the script itself.
      return { file: process.execPath, args: [], env: { [scriptVariable]: file } };
    }
    return { file: process.execPath, args: ["run", "-A", file], env: {} };
  },

  requireFree({ hostname, port }): void {
    Deno.listen({ hostname, port }).close();
  },

  async listen(fetch: FetchHandler, options: ListenOptions): Promise<Listener> {
    return await Promise.resolve(listener(fetch, options));
  },

  async listenHandler(
    fetch: FetchHandler,
    options: HandlerListenOptions,
  ): Promise<HandlerListener> {
    const limit = options.maxBodySize ?? defaultMaxBodySize;
    const breakable = new BreakableRequests(options.bodiesInFlight);
    const server = listener((request, info) => {
      if (options.tls !== undefined) breakable.countHttp2(request, info as Deno.ServeHandlerInfo);
      const { method } = request;
      if (method === "GET" || method === "HEAD") return fetch(request, info);
      const limited = limitBody(request, limit);
      return limited instanceof Response ? limited : fetch(limited, info);
    }, options);
    const { onListen } = this.knownFields(options.fields);
    if (typeof onListen === "function") onListen.call(options.fields, server.addr);
    return await Promise.resolve({
      ...server,
      async stop(patience = Infinity): Promise<void> {
        // Some clients always have something in flight: it needs the other half of the time.
        await breakable.none(patience / 2);
        await server.stop();
      },
      // Deno closes them itself, with 1001, when the server shuts down.
      closeWebSockets(): void {},
      scheme: options.tls === undefined ? "http" : "https",
      pending: () => undefined,
    });
  },

  knownFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(
      serverFields.filter((name) => Object.hasOwn(fields, name)).map((
        name,
      ) => [name, fields[name]]),
    );
  },

  remoteAddress(_request: Request, info: unknown): string | undefined {
    const address = (info as Deno.ServeHandlerInfo).remoteAddr;
    return "hostname" in address ? address.hostname : undefined;
  },

  fileBody(): undefined {
    return undefined;
  },

  exportsOf(): undefined {
    return undefined;
  },

  noteImports,

  isPackage,

  watchDirectory,

  reap(pid: number): void {
    cLibrary().waitpid(pid, null, WNOHANG);
  },

  setSocketOption(socket: number, option: number, value: Uint8Array): boolean {
    const bytes = new Uint8Array(value);
    return cLibrary().setsockopt(socket, SOL_SOCKET, option, bytes, bytes.length) === 0;
  },

  attachReusePortProgram(socket: number, program: Uint8Array): boolean {
    const bytes = new Uint8Array(program);
    const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
    const value = socketProgram(bytes, BigInt(address));
    return this.setSocketOption(socket, SO_ATTACH_REUSEPORT_CBPF, value);
  },

  async writeLog(bytes: Uint8Array): Promise<number> {
    try {
      // Not node:fs, which writes in this thread.
      return await Deno.stderr.write(bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) return bytes.length;
      await new Promise((resolve) => setTimeout(resolve, 1));
      return 0;
    }
  },

  clock,

  inspect(error: unknown): string {
    try {
      return Deno.inspect(error, { colors: false });
    } catch {
      return errorTrace(error);
    }
  },
};

/**
 * How this Deno was started, up to the program's name. Only Linux tells; elsewhere it is taken to be
 * as the documentation says.
 */
function ownFlags(): string[] {
  const fallback = ["run", "-A", "--unstable-net"];
  if (Deno.build.os !== "linux") return fallback;
  const [, ...args] = readFileSync("/proc/self/cmdline", "utf8").split("\0");
  const program = args.findIndex((arg) => {
    if (arg === Deno.mainModule) return true;
    return Deno.mainModule.startsWith("file:") && pathToFileURL(arg).href === Deno.mainModule;
  });
  return args[0] === "run" && program > 0 ? args.slice(0, program) : fallback;
}

interface DenoListenOptions extends ListenOptions {
  tls?: TlsKeyPair;
}

function serve(
  fetch: FetchHandler,
  { hostname, port, reusePort, tls }: DenoListenOptions,
): Deno.HttpServer<Deno.NetAddr> {
  // Hurricane's handlers settle to a Response: `undefined` is answered before it gets here.
  const handler = fetch as Deno.ServeHandler<Deno.NetAddr>;
  return Deno.serve({ hostname, port, reusePort, ...tls, onListen() {} }, handler);
}

/** How long after a failure a server is opened again, in milliseconds. */
const reopenPause = 100;

/**
 * A server that is opened again when it fails, for Deno ends one that has no file descriptor left to
 * accept a connection with.
 */
function listener(fetch: FetchHandler, options: DenoListenOptions): DenoListener {
  let server = serve(fetch, options);
  const { addr } = server;
  let stopping = false;
  const reopen = (): void => {
    if (stopping) return;
    try {
      server = serve(fetch, { ...options, port: addr.port });
      server.finished.catch(later);
    } catch {
      // Still none; the port itself is this process's own.
      later();
    }
  };
  const later = (): void => void setTimeout(reopen, reopenPause);
  server.finished.catch(later);
  return {
    addr,
    hostname: addr.hostname,
    port: addr.port,
    stop(): Promise<void> {
      stopping = true;
      return server.shutdown();
    },
    // Once it shuts down, a server's signal can no longer be used: it throws "Bad resource ID".
    abort(): void {},
  };
}

interface DenoListener extends Listener {
  addr: Deno.NetAddr;
}

const cFunctions = {
  waitpid: { parameters: ["i32", "pointer", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
} as const;

let opened: Deno.DynamicLibrary<typeof cFunctions> | undefined;

function cLibrary(): Deno.DynamicLibrary<typeof cFunctions>["symbols"] {
  opened ??= openLibrary();
  return opened.symbols;
}

function openLibrary(): Deno.DynamicLibrary<typeof cFunctions> {
  const errors: unknown[] = [];
  for (const library of cLibraries) {
    try {
      return Deno.dlopen(library, cFunctions);
    } catch (error) {
      errors.push(error);
    }
  }
  throw new AggregateError(errors, `the C library cannot be loaded as ${cLibraries.join(", ")}`);
}

/** `performance.now()` takes twice as long, and would be most of what Hurricane adds to a request. */
function clock(): () => number {
  const { clock_gettime } = clockLibrary() ?? {};
  if (clock_gettime === undefined) return () => performance.now();
  const time = new Int32Array(4);
  const bytes = new Uint8Array(time.buffer);
  return () => {
    clock_gettime(CLOCK_MONOTONIC, bytes);
    // `struct timespec`: of each half the low word, which is enough for the seconds of an uptime.
    return time[0]! * 1e3 + time[2]! / 1e6;
  };
}

/** The C library for the clock's sake: not worth a failed start, nor that Deno asks for a permission. */
function clockLibrary(): ReturnType<typeof cLibrary> | undefined {
  if (Deno.build.os !== "linux") return undefined;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
  try {
    return cLibrary();
  } catch {
    return undefined;
  }
}

/** Deno knows no `maxRequestBodySize`: 413 by `Content-Length`, an error in mid-body without one. */
function limitBody(request: Request, limit: number): Request | Response {
  const length = request.headers.get("content-length");
  if (length !== null) {
    return Number(length) > limit ? new Response("Payload Too Large\n", { status: 413 }) : request;
  }
  if (request.body === null) return request;
  let seen = 0;
  const counted = request.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller): void {
        seen += chunk.byteLength;
        if (seen > limit) controller.error(new BodyTooLarge(limit));
        else controller.enqueue(chunk);
      },
    }),
  );
  return new Request(request, { body: counted });
}
