/**
 * What Hurricane needs of a JavaScript runtime beyond the web's and Node's common APIs.
 *
 * Everything that differs between Bun and Deno is behind {@linkcode Runtime}; the rest of
 * Hurricane is written once.
 *
 * @module
 */

import type { Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { LeanClient } from "./lean_client.ts";
import type { HoldServer, PlannedAddress } from "./held_server.ts";
import type {
  FetchHandler,
  HandlerListener,
  HandlerListenOptions,
  Listener,
  ListenOptions,
} from "./listener.ts";
import type { NodeListener, NodeListenOptions } from "./node_listener.ts";

export * from "./listener.ts";

/** A program to start: a file, its arguments, and variables to add to the environment. */
export interface Invocation {
  file: string;
  args: string[];
  env: Record<string, string>;
}

/** Who is told of what happens in a directory. */
export interface DirectoryListener {
  /** The path of what was made, written, renamed or deleted there; the directory's own where it was that. */
  changed(path: string): void;
  /** Nothing more can be told. */
  failed(error: unknown): void;
}

/** A WebSocket of a library's. */
export interface TakenSocket {
  close(code: number): void;
}

/** How a process ended, or why it could not be started. */
export type ProcessEnd = { code: number | null; signal: string | null } | { error: Error };

/** A process of this program that was started. */
export interface StartedProcess {
  /** `undefined` where it could not be started. */
  readonly pid: number | undefined;
  /** The other end of its descriptor 3, which follows the three standard streams. */
  readonly way: Duplex | undefined;
  readonly ended: Promise<ProcessEnd>;
}

/** What has to be known of this program before the handler's process is on its way. */
export interface Program {
  /** Is this one executable with Hurricane in it? */
  readonly compiled: boolean;
  /** What this program lacks to do its work, as a sentence; `undefined` where it lacks nothing. */
  lacking(): string | undefined;
  /**
   * How this program is started once more, as the process around `handler` (a path, if any). With
   * `inspector`, that process can {@linkcode Runtime.openInspector}.
   */
  self(handler?: string, inspector?: boolean): Invocation;
  /**
   * Starts it with these variables and no others, in a process group of its own: Ctrl-C reaches this process
   * alone.
   */
  start(invocation: Invocation, variables: NodeJS.ProcessEnv): StartedProcess;
}

/** One runtime. */
export interface Runtime {
  readonly name: "bun" | "deno";
  readonly version: string;
  /** The system that it runs on, as in `linux-x64-musl`. */
  readonly target: string;
  /** Is this one executable with Hurricane in it? */
  readonly compiled: boolean;
  /**
   * Opens the inspector of this process on a free port of 127.0.0.1 and gives its WebSocket URL
   * (https://chromedevtools.github.io/devtools-protocol/). What is imported before has no source maps
   * in a debugger. Rejects where it cannot be opened.
   */
  openInspector(): Promise<string>;
  /** How a script is run by the runtime that runs Hurricane. */
  script(file: string): Invocation;
  /**
   * Makes this process the runtime itself with these arguments, without these variables, where it is a
   * {@linkcode compiled} one that can be that. It does not return then.
   */
  become(args: readonly string[], without: readonly string[]): void;
  /**
   * Throws where an address cannot be had, as {@linkcode listen} rejects without `reusePort`. It is free
   * again when this returns.
   */
  requireFree(address: { hostname: string; port: number }): void;
  /** A plain server: the probes'. */
  listen(fetch: FetchHandler, options: ListenOptions): Promise<Listener>;
  /** The handler's server. */
  listenHandler(fetch: FetchHandler, options: HandlerListenOptions): Promise<HandlerListener>;
  /**
   * Holds from now on whatever server a module opens, on which `hold` then decides. Meanwhile the module
   * is told what is `planned`.
   */
  holdServers(planned: PlannedAddress, hold: HoldServer): void;
  /** Has a server of `node:http` listen. Rejects where the address cannot be had. */
  listenNode(server: Server, options: NodeListenOptions): Promise<NodeListener>;
  /**
   * Calls `taken` when a library makes a WebSocket of an upgraded connection of `node:http` and sends its
   * bytes past `socket`. Left out where none can.
   */
  whenTaken?(socket: Duplex, taken: (by: TakenSocket) => void): void;
  /**
   * Is a response of `node:http` told of nothing when its client leaves, because it waits for others on the
   * same connection? Left out where each is told: to ask a response for its connection is dear on Bun.
   */
  waitsUntold?(response: ServerResponse): boolean;
  /** The default export's fields that this runtime takes over from `fields`. */
  knownFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** Does it make spans of requests by itself? */
  readonly traces: boolean;
  /** Has the request at hand make none of those. Left out where there are none. */
  forgetSpan?(): void;
  /** Can its server ask clients for certificates? */
  readonly asksClients: boolean;
  /**
   * Has all servers of this process answer 431 to a request whose line and headers are longer, in bytes, on
   * connections that open from now on. Left out where that cannot be chosen.
   */
  limitHeads?(bytes: number): void;
  /** Are connections of the handler's port closed that are idle? */
  readonly closesIdle: boolean;
  /** Left out where `node:http` costs no more. */
  readonly client?: LeanClient;
  /** Ports that the runtime's `fetch` calls nobody at. */
  readonly blockedPorts: ReadonlySet<number>;
  /**
   * Puts around a handler what has the event loop turn although it blocks. Left out where the runtime
   * calls no handler before it has turned.
   *
   * @param late asked in its place where one has waited for a turn for longer than this, in milliseconds
   */
  turning?<One, Other, Answer>(
    handler: (one: One, other: Other) => Answer,
    late?: Late<One, Other, Answer>,
  ): (one: One, other: Other) => Answer | Promise<Awaited<Answer>>;
  /**
   * Notes for {@linkcode turning} that the event loop turns.
   *
   * @param next when it will be noted again, in milliseconds
   */
  turned?(next: number): void;
  /**
   * To be called where the handler has not answered for some time, before its answer is {@linkcode settled}:
   * what is waited for is not idle. Left out where the runtime takes nothing for that.
   */
  waits?(request: Request, info: unknown): void;
  /**
   * To be called with each answer before the runtime gets it. Where it returns one, that must be given
   * in its place: Deno closes its server where a request that was upgraded is answered by anything but
   * the response of the upgrade. The WebSocket is closed then (1011).
   */
  settled(request: Request, answer: unknown, info: unknown): Response | undefined;
  /**
   * Is an answer a `Response` of nothing but a text, as it was made: its status is 200, its body has not
   * been sent, and none of its headers is a `Content-Length`? `false` where that is not known. Left out
   * where to look at all of these costs no more.
   */
  untouched?(answer: unknown): boolean;
  /**
   * Reads the rest of a body that nobody has read, within limits, before its answer is sent; left out
   * where the runtime does that.
   */
  readRest?(request: Request, answer: Response): Response | Promise<Response>;
  /**
   * What a request asks for whose `Host` (over HTTP/2, `:authority`) is none that RFC 9110 §7.2 allows;
   * `undefined` where it is one. Deno makes of such a `Host` a URL with another path. Bun's URL then is
   * the path alone, and always that of the request line.
   */
  misaddressed(request: Request): string | undefined;
  /**
   * A header of a request that is being served, for whoever reads it before the handler does: on Deno that
   * costs less than to ask the request.
   */
  headerOf(request: Request, name: string): string | null;
  /**
   * Sets a header of a request that has come in, before the handler sees it. On Deno copies of the request
   * are without it.
   */
  setRequestHeader(request: Request, name: string, value: string): void;
  /** Can a `Host` choose the path of a request's URL? Not on Bun, where to look at a URL is dear. */
  readonly hostChoosesPath: boolean;
  /** The client's address, where the runtime tells: it does not once a request was upgraded. */
  remoteAddress(request: Request, info: unknown): string | undefined;
  /**
   * What `fetch` is told besides where nobody will read the body of the answer. Bun would inflate all of
   * a compressed one, which can be a thousand times as large as what was sent.
   */
  readonly unreadAnswer: RequestInit;
  /** Has a request become a WebSocket? */
  handedOver(request: Request): boolean;
  /**
   * Calls back when the client of a request has left before its answer, or has left already. May do so as
   * well when the request has been answered. It is not for each request: it costs more than all the rest.
   */
  whenClientLeaves(request: Request, left: () => void): void;
  /**
   * Is this what reading a body ends with when the connection ends in the middle of it? Only on Deno, which
   * does not tell of a client that leaves then; on Bun it is an `AbortError` like any other.
   */
  isBrokenUpload(error: unknown): boolean;
  /**
   * A part of a file, up to the byte before `end`, as a body that the runtime reads and sends by itself;
   * `undefined` where it has nothing of that kind.
   */
  fileBody(path: string, start: number, end: number): Blob | undefined;
  /**
   * The names that a module exports, as far as its text tells: `undefined` where it does not (it does
   * not parse, is CommonJS, or passes on all of another module's), or where the runtime has no parser.
   */
  exportsOf(file: string): string[] | undefined;
  /**
   * To be called before a handler is imported from its file, where the runtime does not do by itself all
   * that the handler's project says of imports.
   */
  prepareImport?(handler: string): Promise<void>;
  /** The modules that a project's configuration in a folder has the runtime import before any other. */
  preloads(folder: string): string[];
  /**
   * Notes which files are imported from now on: what it returns gives them so far, by their real paths,
   * in no order. Packages are left out, and what only worker threads import.
   */
  noteImports(): () => string[];
  /** Does a file belong to a package that was installed, rather than to somebody's own source? */
  isPackage(file: string): boolean;
  /**
   * Watches what is in a directory, but not below it; may tell of more, which is then true as well. Throws
   * where the system refuses to.
   *
   * @param directory A real path.
   * @returns What ends it; where that takes its time, it tells when it has.
   */
  watchDirectory(directory: string, listener: DirectoryListener): {
    close(): void | Promise<void>;
  };
  /**
   * Keeps listeners for these signals from being added by another way than `node:process`: whoever tries
   * to is told of, and refused where that says so.
   */
  refuseSignalListeners(
    names: ReadonlySet<string>,
    refused: (name: string, listener: () => void) => boolean,
    takenBack: (name: string, listener: () => void) => void,
  ): void;
  /**
   * Has whoever ends this process by a call (`process.exit`) call this instead. Returns what undoes it.
   */
  catchExit(caught: () => void): () => void;
  /**
   * Asks the system to kill this process when its parent dies, which it then need not notice itself:
   * only Linux can. Of no effect where the C library cannot be had.
   */
  dieWithParent(): void;
  /**
   * Keeps the channel to the process that has started this one from what this one starts: as long as
   * anybody has it open, the other end does not see that this process has ended. Of no effect where the C
   * library cannot be had; left out where the runtime does that.
   */
  keepChannel?(): void;
  /**
   * May this process look at its own descriptors and call the C library? Where it may not, to try would
   * have Deno ask on a terminal, and wait for an answer.
   */
  readonly systemCalls: boolean;
  /** Takes the exit state of an ended child that the runtime has not started (`waitpid`). */
  reap(pid: number): void;
  /**
   * Sets an option of a socket (`setsockopt` with `SOL_SOCKET`). `false` where the system refuses.
   *
   * @throws where the C library cannot be loaded
   */
  setSocketOption(socket: number, option: number, value: Uint8Array): boolean;
  /** {@linkcode setSocketOption} with a program of classic BPF, as its bytes: `struct sock_fprog`. */
  attachProgram(socket: number, option: number, program: Uint8Array): boolean;
  /**
   * Reads a table of the kernel (ASCII) to its end, in another thread. The kernel gives it in pieces of 4
   * kB.
   */
  readTable(path: string): Promise<string>;
  /**
   * Writes to standard error in another thread, and tells how many bytes: all of them where the reader
   * is gone and nothing can be told any more.
   */
  writeLog(bytes: Uint8Array): Promise<number>;
  /**
   * The fastest clock that is never put back: a function that gives milliseconds, with fractions, from
   * some moment on that is its own.
   */
  clock(): () => number;
  /** An error as the runtime itself would print it: code frame, stack, causes. No colours. */
  inspect(error: unknown): string;
}

/** What is done with a request that has waited for too long. */
export interface Late<One, Other, Answer> {
  /** In milliseconds. */
  after: number;
  refuse(one: One, other: Other): Answer;
}

/** A request body that is longer than the limit, in bytes, by its `Content-Length` or as it turned out. */
export class BodyTooLarge extends Error {
  override name = "BodyTooLarge";
  /** Frameworks that catch what reading a body throws answer with the status that the error has. */
  readonly status = 413;
  readonly statusCode = 413;

  constructor(limit: number) {
    super(`the request body is longer than ${limit} bytes (--max-body-size)`);
  }
}

/** The C library by the names that it has with glibc, with musl and on macOS. */
export const cLibraries: readonly string[] = [
  "libc.so.6",
  "libc.musl-x86_64.so.1",
  "libc.musl-aarch64.so.1",
  "libSystem.B.dylib",
];

/** Of `clock_gettime`, on Linux: linux/time.h */
export const CLOCK_MONOTONIC = 1;

/** Of `setsockopt`, on Linux: asm-generic/socket.h */
export const SOL_SOCKET = 1;

/** `struct sock_fprog`: how many instructions (of 8 bytes each), and where they are. */
export function socketProgram(program: Uint8Array, address: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, program.length / 8, true);
  view.setBigUint64(8, address, true);
  return bytes;
}

/** Of `prctl`, on Linux: linux/prctl.h */
export const PR_SET_PDEATHSIG = 1;

/** Of `fcntl`, on Linux: asm-generic/fcntl.h */
export const [F_SETFD, FD_CLOEXEC] = [2, 1];

/** The number of SIGKILL, on every Unix. */
export const SIGKILL = 9n;

/** `waitpid`: do not wait where there is nothing to take. */
export const WNOHANG = 1;
