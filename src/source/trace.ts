import { fileURLToPath, pathToFileURL } from "node:url";
import { runtime } from "../runtime/mod.ts";

/** A place in the handler's source that an error's text names; without a line, all of the file. */
export interface Place {
  file: string;
  line?: number;
  /** From 1 on. */
  column?: number;
}

/** How both runtimes write where something happened, and what they quote. */
const patterns = [
  // at f (file:///srv/handler.ts:3:7), at async /srv/handler.ts:3:7; with a hook for imports, Deno adds
  // to the first line where the runtime was by then
  /(?:\bat |\()(?:async )?((?:file:\/\/)?\/[^\n]*?):(\d+):(\d+)(?=\)?$| at )/gm,
  // Module not found "file:///srv/missing.ts"
  /["']((?:file:\/\/)?\/[^"'\n]+)["']/g,
  // Cannot find module './missing.ts' imported from /srv/handler.ts, and the require stack
  /(?:\bimported from |^- )(\/.+)$/gm,
];

/** Hurricane's own source; inside an executable, a folder of its file system. */
const own = new URL("../", import.meta.url).href;

/** What the text of an error, its stack included, names of the handler's own source, in that order. */
export function placesIn(text: string): Place[] {
  return patterns
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .sort((one, other) => one.index - other.index)
    .map(([, path = "", line, column]) => ({
      file: path.startsWith("file:") ? fileURLToPath(path) : path,
      ...(line === undefined ? {} : { line: Number(line), column: Number(column) }),
    }))
    .filter(({ file }) => !isOwn(file) && !runtime.isPackage(file));
}

/** A trace without what happened in Hurricane and in the runtime: nobody who reads it can change that. */
export function withoutInternals(trace: string): string {
  return trace.split("\n").filter((line) => !isInternalFrame(line)).map(withoutRuntime).join("\n");
}

/** Where imports are hooked, Deno adds to a place in the handler where the runtime was by then. */
function withoutRuntime(line: string): string {
  return line.replace(/(:\d+:\d+) at ext:\S+$/, "$1");
}

/** The folders of Hurricane's own source, which an executable knows by relative paths alone. */
const ownInExecutable = /^\s+at (?:.* \()?src\/(?:app|cli|commands|probes|runtime|supervisor)\//;

function isInternalFrame(line: string): boolean {
  if (/^\s+at (?:.* \()?(?:async )?(?:node|ext|native|bun|internal):/.test(line)) return true;
  if (/^\s+at (?:async )?processTicksAndRejections\b/.test(line)) return true;
  if (runtime.compiled && ownInExecutable.test(line)) return true;
  const [, path] = /^\s+at .*?(\/[^()]*):\d+:\d+\)?$/.exec(line) ?? [];
  return path !== undefined && isOwn(path.replace(/^\/\/(?=\/)/, ""));
}

/** Is this file part of Hurricane? */
export function isOwn(file: string): boolean {
  return pathToFileURL(file).href.startsWith(own);
}
