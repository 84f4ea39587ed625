import { createRequire } from "node:module";
import process from "node:process";
import type { SocketCalls } from "./connections.ts";
import { cLibraries } from "./runtime.ts";

/** The part of `bun:ffi` that is used. */
interface Ffi {
  dlopen(library: string, functions: object): { symbols: unknown };
  ptr(bytes: Uint8Array): number;
}

/** The functions of the C library that are called. */
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

/** Bun's way to call native code, loaded when it is first needed. */
export function ffi(): Ffi {
  return createRequire(import.meta.url)("bun:ffi") as Ffi;
}

/** The C library, opened when it is first needed. Throws where it cannot be loaded. */
export function cLibrary(): CLibrary {
  opened ??= openCLibrary<CLibrary>({
    waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" },
    setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  });
  return opened;
}

/** Opens the C library with some of its functions. Throws where it cannot be loaded. */
export function openCLibrary<Functions>(
  functions: Record<keyof Functions, { args: string[]; returns: string }>,
): Functions {
  const errors: unknown[] = [];
  for (const library of cLibraries) {
    try {
      return ffi().dlopen(library, functions).symbols as Functions;
    } catch (error) {
      errors.push(error);
    }
  }
  throw new AggregateError(errors, `the C library cannot be loaded as ${cLibraries.join(", ")}`);
}

let calls: SocketCalls | undefined;

/** {@linkcode SocketCalls}, where they can be made. */
export function socketCalls(): SocketCalls | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    calls ??= openCLibrary<SocketCalls>({
      getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
      getpeername: { args: ["i32", "ptr", "ptr"], returns: "i32" },
      getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
      shutdown: { args: ["i32", "i32"], returns: "i32" },
    });
  } catch {
    // Then it is as Bun has it.
  }
  return calls;
}
