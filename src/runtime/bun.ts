import { readFile, readFileSync, write } from "node:fs";
import process from "node:process";
import { errorTrace, TracedError } from "../errors.ts";
import { api, type BunServer } from "./bun_api.ts";
import { readRest } from "./bun_bodies.ts";
import { cLibrary, ffi, openCLibrary } from "./bun_c_library.ts";
import { client } from "./bun_client.ts";
import { becomeBun, bunFlags, bunVariables } from "./bun_exec.ts";
import { limitHeads } from "./bun_heads.ts";
import { IdleLimit } from "./bun_idle.ts";
import { misaddressed } from "./bun_host.ts";
import { isPackage, noteImports } from "./bun_imports.ts";
import { openInspector } from "./bun_inspector.ts";
import { listenNode } from "./bun_node.ts";
import { holdServers } from "./bun_serve.ts";
import { bunProgram } from "./bun_program.ts";
import { preloads, prepareImport } from "./bun_project.ts";
import { knownFields, listen, listenHandler } from "./bun_server.ts";
import { turned, turning } from "./bun_turns.ts";
import { handedOver } from "./bun_upgrades.ts";
import { watchDirectory } from "./bun_watch.ts";
import { whenTaken } from "./bun_web_sockets.ts";
import { whenClientLeaves } from "./native_signal.ts";
import {
  type Invocation,
  PR_SET_PDEATHSIG,
  type Runtime,
  SIGKILL,
  socketProgram,
  SOL_SOCKET,
  WNOHANG,
} from "./runtime.ts";
import { performance, Promise, setTimeout } from "../natives.ts";

/** musl is part of a target's name, glibc is not. */
function libc(): string {
  if (process.platform !== "linux") return "";
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined ? "-musl" : "";
}

/** Bun would ask a registry for packages that are not there. */
const noInstall = "--no-install";

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
    return bunProgram.compiled;
  },

  openInspector,

  client,

  script(file: string): Invocation {
    const flags = ["run", noInstall];
    if (!this.compiled) return { file: process.execPath, args: [...flags, file], env: {} };
    return { file: process.execPath, args: [...flags, ...bunFlags, file], env: bunVariables };
  },

  become(args, without): void {
    if (this.compiled) becomeBun([noInstall, ...args], without);
  },

  requireFree({ hostname, port }): void {
    // A second Bun.serve takes 0.5 ms of a start, this a fifth of it.
    api().listen({ hostname, port, socket: { data() {} } }).stop(true);
  },

  listen,

  listenHandler,

  holdServers,

  listenNode,

  whenTaken,

  knownFields,

  traces: false,

  asksClients: true,

  limitHeads,

  closesIdle: true,

  blockedPorts: new Set(),

  turning,
  turned,
  waits(request: Request, info: unknown): void {
    IdleLimit.of(info)?.waits(request);
  },

  settled(request: Request, _answer: unknown, info: unknown): undefined {
    IdleLimit.of(info)?.answered(request);
  },

  readRest,

  misaddressed,

  headerOf: ({ headers }: Request, name: string) => headers.get(name),

  setRequestHeader({ headers }: Request, name: string, value: string): void {
    headers.set(name, value);
  },

  hostChoosesPath: false,

  unreadAnswer: { decompress: false } as RequestInit,

  remoteAddress(request: Request, info: unknown): string | undefined {
    // `server.fetch()` of a handler calls it without a server.
    return (info as BunServer | undefined)?.requestIP(request)?.address;
  },

  handedOver,

  whenClientLeaves,

  systemCalls: true,

  isBrokenUpload: () => false,

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

  async prepareImport(handler: string): Promise<void> {
    if (this.compiled) await prepareImport(handler);
  },

  preloads,

  noteImports,

  isPackage,

  watchDirectory,

  // There is no other way.
  refuseSignalListeners(): void {},

  catchExit(caught: () => void): () => void {
    const { exit } = process;
    process.exit = caught as typeof exit;
    return () => process.exit = exit;
  },

  dieWithParent(): void {
    if (process.platform !== "linux") return;
    try {
      const { prctl } = openCLibrary<{ prctl(option: number, value: bigint): number }>({
        prctl: { args: ["i32", "u64"], returns: "i32" },
      });
      prctl(PR_SET_PDEATHSIG, SIGKILL);
    } catch {
      // The end of the parent is noticed as everywhere else.
    }
  },

  reap(pid: number): void {
    cLibrary().waitpid(pid, null, WNOHANG);
  },

  setSocketOption(socket: number, option: number, value: Uint8Array): boolean {
    return cLibrary().setsockopt(socket, SOL_SOCKET, option, value, value.length) === 0;
  },

  attachProgram(socket: number, option: number, program: Uint8Array): boolean {
    const value = socketProgram(program, BigInt(ffi().ptr(program)));
    return this.setSocketOption(socket, option, value);
  },

  readTable(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      readFile(path, "latin1", (error, text) => error === null ? resolve(text) : reject(error));
    });
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
      return error instanceof TracedError ? error.trace : api().inspect(error, { colors: false });
    } catch {
      return errorTrace(error);
    }
  },
};
