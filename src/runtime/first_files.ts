/**
 * Files that are read before the handler's process is on its way. Not by an import of `node:fs`: to load
 * that takes Deno 7 ms, which the handler's process would be later.
 *
 * @module
 */
import process from "node:process";

/** The text of a file. Throws where it cannot be read. */
export function readText(path: string): string {
  if ("Deno" in globalThis) return Deno.readTextFileSync(path);
  return process.getBuiltinModule("node:fs").readFileSync(path, "utf8");
}

/** Is there a file or a folder of this path, as far as this process may see? */
export function isThere(path: string): boolean {
  if (!("Deno" in globalThis)) return process.getBuiltinModule("node:fs").existsSync(path);
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
