import process from "node:process";
import { ffi, openCLibrary } from "./bun_c_library.ts";
import { TextEncoder } from "../natives.ts";
import { handlerVariable } from "./variables.ts";

/** What makes a compiled executable act as the whole of Bun, whichever program is in it. */
const beBun = "BUN_BE_BUN";

/** The variables with which an executable is Bun, and knows what its children are to be. */
export const bunVariables: Record<string, string> = { [beBun]: "1", [handlerVariable]: "" };

/**
 * The flags with which that holds for this process alone: any other executable of this kind that it starts
 * would be Bun, and not its own program.
 */
export const bunFlags = [
  "--preload",
  `data:text/javascript;base64,${btoa(`delete process.env.${beBun}`)}`,
];

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
  for (const [name, value] of Object.entries(bunVariables)) setenv(text(name), text(value), 1);
  const file = text(process.execPath);
  // Kept by name: nothing else holds what the addresses point to.
  const words = [file, ...[...bunFlags, ...args].map(text)];
  const { ptr } = ffi();
  execv(file, BigUint64Array.from([...words.map((word) => BigInt(ptr(word))), 0n]));
}

/** As C wants it. */
function text(value: string): Uint8Array {
  return new TextEncoder().encode(`${value}\0`);
}
