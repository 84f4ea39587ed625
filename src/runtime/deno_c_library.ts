import type { SocketCalls } from "./connections.ts";
import { cLibraries, CLOCK_MONOTONIC } from "./runtime.ts";
import { performance } from "../natives.ts";

const cFunctions = {
  waitpid: { parameters: ["i32", "pointer", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  prctl: { parameters: ["i32", "u64"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  malloc: { parameters: ["usize"], result: "pointer" },
  free: { parameters: ["pointer"], result: "void" },
} as const;

/** So much that glibc asks the kernel for it alone, in bytes. */
const large = 4n * 1024n * 1024n;

let opened: Deno.DynamicLibrary<typeof cFunctions> | undefined;

/** The C library, opened when it is first needed. Throws where it cannot be loaded. */
export function cLibrary(): Deno.DynamicLibrary<typeof cFunctions>["symbols"] {
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

/**
 * Deno's part of `Runtime.clock`: `performance.now()` takes twice as long, and would be most of
 * what Hurricane adds to a request.
 */
export function clock(): () => number {
  const { clock_gettime } = permittedCLibrary() ?? {};
  if (clock_gettime === undefined) return () => performance.now();
  const time = new Int32Array(4);
  const bytes = new Uint8Array(time.buffer);
  return () => {
    clock_gettime(CLOCK_MONOTONIC, bytes);
    // `struct timespec`: of each half the low word, which is enough for the seconds of an uptime.
    return time[0]! * 1e3 + time[2]! / 1e6;
  };
}

/**
 * The C library for what is not worth a failed start, nor that Deno asks for a permission. Linux
 * alone.
 */
export function permittedCLibrary(): ReturnType<typeof cLibrary> | undefined {
  if (Deno.build.os !== "linux") return undefined;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
  try {
    return cLibrary();
  } catch {
    return undefined;
  }
}

/**
 * Has the C library keep freed memory for what comes next. glibc gives it back to the kernel beyond
 * 128 kB, and asks for it again: with bodies of 10 kB that was a page fault for every other request. Once
 * something large is freed, it keeps twice as much as that was, 8 MB here: mallopt(3), `M_MMAP_THRESHOLD`.
 */
export function keepFreed(): void {
  const library = permittedCLibrary();
  library?.free(library.malloc(large));
}

/** {@linkcode SocketCalls}, where they may be made. */
export function socketCalls(): SocketCalls | undefined {
  if (Deno.permissions.querySync({ name: "read" }).state !== "granted") return undefined;
  const library = permittedCLibrary();
  if (library === undefined) return undefined;
  const own = (value: Uint8Array) => value as Uint8Array<ArrayBuffer>;
  return {
    getsockname: (socket, address, size) => library.getsockname(socket, own(address), own(size)),
    getpeername: (socket, address, size) => library.getpeername(socket, own(address), own(size)),
    getsockopt: (socket, level, option, value, size) =>
      library.getsockopt(socket, level, option, own(value), own(size)),
    shutdown: (socket, how) => library.shutdown(socket, how),
  };
}
