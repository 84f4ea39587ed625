import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Configuration by which the runtimes understand a handler's imports, syntax and packages. */
const names = ["package.json", "tsconfig.json", "deno.json", "deno.jsonc"];

/** What belongs to a handler besides what it imports. */
export interface Project {
  /** The folder that holds it all. */
  folder: string;
  /** Configuration files that apply, or would if they existed. */
  configuration: string[];
}

/**
 * The project around a folder: of each kind of configuration, the nearest file above counts, and so
 * would one that were nearer. A working directory above the folder belongs to the project.
 */
export function projectOf(folder: string, cwd: string): Project {
  const above = ancestors(folder);
  const found = names
    .map((name) => above.findIndex((path) => existsSync(join(path, name))))
    .filter((depth) => depth >= 0);
  const depths = [Math.min(...found), above.indexOf(cwd)]
    .filter((depth) => above[depth] !== undefined && !isStartOfShell(above[depth]));
  return {
    folder: above[Math.max(0, ...depths)] ?? folder,
    configuration: above.slice(0, Math.max(0, ...found) + 1)
      .flatMap((path) => names.map((name) => join(path, name))),
  };
}

/** A stray file there, or a shell that was not moved, does not make one project of everything below. */
function isStartOfShell(folder: string): boolean {
  return folder === homedir() || dirname(folder) === folder;
}

/** A folder and all above it. */
function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
