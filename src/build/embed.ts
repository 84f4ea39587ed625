/**
 * What an executable holds besides the modules that are imported.
 *
 * @module
 */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { importGraph, sourceOf } from "../source/imports.ts";
import { namedBeside, workerWarning } from "./beside.ts";

/** What the user names, by absolute paths, all of it in the handler's folder. */
export interface Embedded {
  /** Files and directories to be read. */
  assets: readonly string[];
  /** Modules to be run as workers. */
  workers: readonly string[];
}

/**
 * Lays what the user names where Bun takes it from: it has in the executable the place beside the handler
 * that it has now.
 *
 * @param folder Where to.
 * @param root The handler's folder.
 * @returns The workers' modules, and what is to be embedded as it is.
 */
export function layForBun(folder: string, root: string, { assets, workers }: Embedded): {
  entries: string[];
  assets: string[];
} {
  const entries = workers.map((file) => {
    const module = join(folder, relative(root, file).replace(/\.[cm]?[jt]sx?$/, ".ts"));
    mkdirSync(dirname(module), { recursive: true });
    writeFileSync(module, `import ${JSON.stringify(file)};\n`);
    return module;
  });
  // Bun embeds what it is given by the last part of its name.
  const staging = join(folder, "assets");
  mkdirSync(staging);
  for (const path of assets) {
    cpSync(path, join(staging, relative(root, path)), { recursive: true, dereference: true });
  }
  return { entries, assets: readdirSync(staging).map((name) => join(staging, name)) };
}

/**
 * What `deno compile` is to include, and what there is to say of it: the files that the handler's own
 * modules name. Deno keeps all of them in their places.
 *
 * @param directory The working directory.
 */
export function includedForDeno(
  handler: string,
  directory: string,
  { assets, workers }: Embedded,
): { include: string[]; warnings: string[] } {
  const include = new Set([...assets, ...workers]);
  const warnings: string[] = [];
  const seen = new Set<string>();
  const roots = [handler, ...workers];
  for (let root = roots.pop(); root !== undefined; root = roots.pop()) {
    for (const module of importGraph([root]).keys()) {
      if (seen.has(module)) continue;
      seen.add(module);
      const { beside, unknownWorkers } = namedBeside(sourceOf(module), module, directory);
      for (const { file, worker } of beside) {
        include.add(file);
        if (worker) roots.push(file);
      }
      if (workers.length > 0) continue;
      warnings.push(...unknownWorkers.map((line) => workerWarning(module, line)));
    }
  }
  return { include: [...include], warnings };
}
