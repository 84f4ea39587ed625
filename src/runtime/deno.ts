import process from "node:process";
import { errorTrace, TracedError } from "../errors.ts";
import { blockedPorts } from "./deno_blocked_ports.ts";
import { cLibrary, clock, permittedCLibrary, socketCalls } from "./deno_c_library.ts";
import { headerOf } from "./deno_headers.ts";
import { misaddressed } from "./deno_host.ts";
import { isPackage, noteImports } from "./deno_imports.ts";
import { openInspector } from "./deno_inspector.ts";
import { denoProgram } from "./deno_program.ts";
import { listenNode, waitsUntold } from "./deno_node.ts";
import { holdServers } from "./deno_serve.ts";
import { knownFields, listen, listenHandler } from "./deno_server.ts";
import { whenClientLeaves } from "./deno_signal.ts";
import { forgetSpan, traces } from "./deno_traces.ts";
import { handedOver, settled } from "./deno_upgrades.ts";
import { untouched } from "./deno_responses.ts";
import { watchDirectory } from "./deno_watch.ts";
import {
  F_SETFD,
  FD_CLOEXEC,
  type Invocation,
  PR_SET_PDEATHSIG,
  type Runtime,
  SIGKILL,
  socketProgram,
  SOL_SOCKET,
  WNOHANG,
} from "./runtime.ts";
import { scriptVariable } from "./variables.ts";
import { Headers, Promise, setTimeout } from "../natives.ts";

/** Where `node:child_process` puts the channel that follows the three standard streams. */
const channelDescriptor = 3;

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
    return denoProgram.compiled;
  },

  openInspector,

  script(file: string): Invocation {
    if (this.compiled) {
      // An executable made by `deno compile` is no Deno; it imports the script itself.
      return { file: process.execPath, args: [], env: { [scriptVariable]: file } };
    }
    return { file: process.execPath, args: ["run", "-A", file], env: {} };
  },

  // What `deno compile` makes is no Deno.
  become(): void {},

  requireFree({ hostname, port }): void {
    Deno.listen({ hostname, port }).close();
  },

  listen,

  listenHandler,

  holdServers,

  listenNode,
  waitsUntold,

  knownFields,

  traces,

  ...(traces ? { forgetSpan } : {}),

  asksClients: false,

  get closesIdle(): boolean {
    return socketCalls() !== undefined;
  },

  blockedPorts,

  settled,

  untouched,

  misaddressed,

  headerOf(request: Request, name: string): string | null {
    // It has others where one was set.
    return Object.hasOwn(request, "headers") ? request.headers.get(name) : headerOf(request, name);
  },

  /** Those that have come in cannot be changed, and another request could not be upgraded. */
  setRequestHeader(request: Request, name: string, value: string): void {
    const headers = new Headers(request.headers);
    headers.set(name, value);
    Object.defineProperty(request, "headers", { value: headers });
  },

  hostChoosesPath: true,

  unreadAnswer: {},

  remoteAddress(_request: Request, info: unknown): string | undefined {
    const address = (info as Deno.ServeHandlerInfo).remoteAddr;
    return "hostname" in address ? address.hostname : undefined;
  },

  handedOver,

  whenClientLeaves,

  get systemCalls(): boolean {
    return (["ffi", "read"] as const).every((name) =>
      Deno.permissions.querySync({ name }).state === "granted"
    );
  },

  // "Cannot read body …" and "Cannot read request body …" of Deno 2.9.
  isBrokenUpload(error): boolean {
    if (!(error instanceof Error)) return false;
    const { message } = error;
    if (error instanceof Deno.errors.BadResource) {
      return /^Cannot read (request )?body as underlying resource unavailable$/.test(message);
    }
    // Of a reset, and of a connection over TLS that is closed without ceremony.
    return error instanceof Deno.errors.Http &&
      /^(unexpected EOF|connection reset|peer closed connection)\b/.test(message);
  },

  fileBody(): undefined {
    return undefined;
  },

  exportsOf(): undefined {
    return undefined;
  },

  // `deno run` has a flag for that, and its configuration nothing.
  preloads: () => [],

  noteImports,

  isPackage,

  watchDirectory,

  refuseSignalListeners(names, refused, takenBack): void {
    const { addSignalListener, removeSignalListener } = Deno;
    Deno.removeSignalListener = (name, listener) => {
      takenBack(name, listener);
      removeSignalListener(name, listener);
    };
    Deno.addSignalListener = (name, listener) => {
      if (!names.has(name) || !refused(name, listener)) addSignalListener(name, listener);
    };
  },

  catchExit(caught: () => void): () => void {
    const { exit } = process;
    const { exit: ofDeno } = Deno;
    process.exit = Deno.exit = caught as typeof exit;
    return () => {
      process.exit = exit;
      Deno.exit = ofDeno;
    };
  },

  dieWithParent(): void {
    permittedCLibrary()?.prctl(PR_SET_PDEATHSIG, SIGKILL);
  },

  keepChannel(): void {
    permittedCLibrary()?.fcntl(channelDescriptor, F_SETFD, FD_CLOEXEC);
  },

  reap(pid: number): void {
    cLibrary().waitpid(pid, null, WNOHANG);
  },

  setSocketOption(socket: number, option: number, value: Uint8Array): boolean {
    const bytes = new Uint8Array(value);
    return cLibrary().setsockopt(socket, SOL_SOCKET, option, bytes, bytes.length) === 0;
  },

  attachProgram(socket: number, option: number, program: Uint8Array): boolean {
    const bytes = new Uint8Array(program);
    const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
    const value = socketProgram(bytes, BigInt(address));
    return this.setSocketOption(socket, option, value);
  },

  // Not node:fs, which has this thread ask for each piece.
  readTable: (path) => Deno.readTextFile(path),

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
      return error instanceof TracedError ? error.trace : Deno.inspect(error, { colors: false });
    } catch {
      return errorTrace(error);
    }
  },
};
