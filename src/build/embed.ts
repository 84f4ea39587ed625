/**
 * What an executable holds besides the modules that are imported.
 *
 * @module
 */
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { importGraph, sourceOf } from "../source/imports.ts";
import { namedBeside, workerWarning } from "./beside.ts";
import { placeWarnings } from "./places.ts";

/** What the user names, by absolute paths, all of it in the handler's project. */
export interface Embedded {
  /** Files and directories to be read. */
  assets: readonly string[];
  /** Modules to be run as workers. */
  workers: readonly string[];
}

/** The folder that keeps its shape in an executable: that of the nearest `package.json`, or the handler's. */
export function projectOf(handler: string): string {
  const own = dirname(handler);
  for (let folder = own; dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
  }
  return own;
}

/** The folder that `--extract` packs: the project, or what has the packages of a project in a workspace. */
export function packedFolder(handler: string): string {
  const project = projectOf(handler);
  for (let folder = project; dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, "node_modules"))) return folder;
  }
  return project;
}

/**
 * Lays what the user names where Bun takes it from: it has in the executable the place in the project that
 * it has now.
 *
 * @param folder Where to.
 * @param root The project.
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
    cpSync(path, join(staging, relative(root, path)), {
      recursive: true,
      dereference: true,
      preserveTimestamps: true,
    });
  }
  return { entries, assets: readdirSync(staging).map((name) => join(staging, name)) };
}

/**
 * Writes the modules that stand for `node:fs` in an executable that has assets.
 *
 * @param folder Where to, where {@linkcode layForBun} has laid them.
 * @param library Where `embedded_fs.ts` is.
 */
export function writeFileSystem(
  folder: string,
  library: string,
): { all: string; promises: string } {
  const staging = join(folder, "assets");
  const times = Object.fromEntries(
    readdirSync(staging, { recursive: true, encoding: "utf8" })
      .map((path) => [path, Math.floor(statSync(join(staging, path)).mtimeMs)]),
  );
  const all = join(folder, "hurricane_fs.cjs");
  const promises = join(folder, "hurricane_fs_promises.cjs");
  writeFileSync(
    all,
    `module.exports = require(${JSON.stringify(library)}).embeddedFs(` +
      `process.getBuiltinModule("node:fs"), "/$bunfs/root", ${JSON.stringify(times)});\n`,
  );
  writeFileSync(promises, `module.exports = require("./hurricane_fs.cjs").promises;\n`);
  return { all, promises };
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
  let unknown: string | undefined;
  const project = projectOf(handler);
  const seen = new Set<string>();
  const roots = [handler, ...workers];
  for (let root = roots.pop(); root !== undefined; root = roots.pop()) {
    for (const module of importGraph([root]).keys()) {
      if (seen.has(module)) continue;
      seen.add(module);
      const text = sourceOf(module);
      const { beside, unknownWorkers } = namedBeside(text, module, directory);
      const places = placeWarnings(text, module, { directory, project, assets });
      warnings.push(...places.reads);
      unknown ??= places.unknown;
      for (const { file, worker } of beside) {
        include.add(file);
        if (worker) roots.push(file);
      }
      if (workers.length > 0) continue;
      warnings.push(...unknownWorkers.map((line) => workerWarning(module, line)));
    }
  }
  if (unknown !== undefined) warnings.push(unknown);
  return { include: [...include], warnings };
}
