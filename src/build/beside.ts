/**
 * The files that a module names by their place beside it, and that an executable must hold as well.
 *
 * @module
 */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** A file that a module names by a relative path. */
export interface Beside {
  /** Its absolute path. */
  file: string;
  /** Is it run, in a thread of its own, rather than read? */
  worker: boolean;
  /** Where the path stands in the module's text, without its quotes. */
  start: number;
  end: number;
}

/** What the text of a module tells. */
export interface Named {
  beside: Beside[];
  /** The lines, from 1 on, of workers of which the text does not tell what they run. */
  unknownWorkers: number[];
}

/** `new URL("./x", import.meta.url)`, which means the same to all bundlers. */
const addresses =
  /\bnew\s+URL\(\s*(["'`])(?!\/)([^"'`$\n?#:]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;

/** `new Worker(import.meta.resolve("./x.ts"))` */
const resolved = /\bnew\s+Worker\(\s*import\.meta\.resolve\(\s*(["'`])(\.{1,2}\/[^"'`$\n?#]+)\1/g;

/** `new Worker("./x.ts")`, which Bun looks for from the working directory. */
const plain = /\bnew\s+Worker\(\s*(["'`])([^"'`$\n?#:]+)\1/g;

/** A worker of any kind; not in a line that is nothing but a comment. */
const workers = /^(?!\s*(?:\/\/|\*)).*\bnew\s+Worker\s*\(/gm;

/** A class of somebody else's that has the same name. */
const otherWorker =
  /\bclass\s+Worker\b|\bimport\b[^;"']*\bWorker\b[^;"']*\bfrom\s*["'](?!(?:node:)?worker_threads["'])/;

/** What can be run. */
const script = /\.[cm]?[jt]sx?$/;

/**
 * The files that a module names, as far as they are there.
 *
 * A script is run where the module makes workers. Elsewhere it is read, as what browsers are to get.
 *
 * @param text The module's source.
 * @param module Its absolute path.
 * @param directory The working directory.
 */
export function namedBeside(text: string, module: string, directory: string): Named {
  const makesWorkers = otherWorker.test(text) ? [] : [...text.matchAll(workers)];
  const folder = dirname(module);
  const found: Beside[] = [];
  const find = (pattern: RegExp, folders: string[], runs: (file: string) => boolean): void => {
    for (const match of text.matchAll(pattern)) {
      const path = match[2] ?? "";
      const file = folders.map((from) => resolve(from, path)).find(isFile);
      if (file === undefined) continue;
      const start = match.index + match[0].lastIndexOf(path);
      found.push({ file, worker: runs(file), start, end: start + path.length });
    }
  };
  find(addresses, [folder], (file) => makesWorkers.length > 0 && script.test(file));
  if (makesWorkers.length > 0) {
    find(resolved, [folder], () => true);
    find(plain, [directory, folder], () => true);
  }
  return {
    beside: found.sort((one, other) => one.start - other.start),
    unknownWorkers: found.some(({ worker }) => worker)
      ? []
      : makesWorkers.map(({ index }) => text.slice(0, index).split("\n").length),
  };
}

/** Packages that look for an addon in the file system, by their place in it. */
const addonFinders =
  /\b(?:require\(\s*|from\s+)["'](?:node-gyp-build|bindings|@mapbox\/node-pre-gyp|pkg-prebuilds)["']/;

/** A path of an addon that is made at run time. */
const addonPath = /`[^`\n]*\$\{[^`\n]*\.node`/;

/** Does a module of a package load a native addon that a bundler cannot know? */
export function findsAddon(text: string): boolean {
  return addonFinders.test(text) || addonPath.test(text);
}

/** Does a module of a package make its code of files that it looks for, as uglify-js does (jade, pug 2)? */
export function makesCode(text: string): boolean {
  return /\bnew Function\(/.test(text) && /\breadFileSync\b/.test(text) &&
    /\brequire\.resolve\(/.test(text);
}

/** Of a worker whose file the text does not tell. */
export function workerWarning(module: string, line: number): string {
  return `${module}:${line} makes a worker, and the text does not tell of which file: name that ` +
    "with --worker, or it is not in the executable";
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
