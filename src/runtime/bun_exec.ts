import process from "node:process";
import { ffi, openCLibrary } from "./bun_c_library.ts";
import { TextEncoder } from "../natives.ts";

interface Exec {
  setenv(name: Uint8Array, value: Uint8Array, overwrite: number): number;
  unsetenv(name: Uint8Array): number;
  execv(file: Uint8Array, args: BigUint64Array): number;
}

/**
 * Makes this process, of a compiled executable, the whole of Bun with these arguments. Returns only
 * where that cannot be.
 *
 * Not by `process.execve`, which closes the channel that `fork` has opened.
 *
 * @param without variables that are taken out of the environment
 */
export function becomeBun(args: readonly string[], without: readonly string[]): void {
  const { setenv, unsetenv, execv } = openCLibrary<Exec>({
    setenv: { args: ["ptr", "ptr", "i32"], returns: "i32" },
    unsetenv: { args: ["ptr"], returns: "i32" },
    execv: { args: ["ptr", "ptr"], returns: "i32" },
  });
  for (const name of without) unsetenv(text(name));
  setenv(text("BUN_BE_BUN"), text("1"), 1);
  const file = text(process.execPath);
  // Kept by name: nothing else holds what the addresses point to.
  const words = [file, ...args.map(text)];
  const { ptr } = ffi();
  execv(file, BigUint64Array.from([...words.map((word) => BigInt(ptr(word))), 0n]));
}

/** As C wants it. */
function text(value: string): Uint8Array {
  return new TextEncoder().encode(`${value}\0`);
}
