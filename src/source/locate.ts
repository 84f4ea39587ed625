import { importGraph, sourceOf } from "./imports.ts";
import { placesIn } from "./trace.ts";

/**
 * Adds to the trace of a failed start where it happened, if the runtime leaves that out. Bun does so for
 * imports: it names the importing file at best, and for a missing export not even that. Neither tells
 * which JSON file is wrong.
 *
 * @param handler Absolute path of the handler, where the search begins; none, if it is built in.
 */
export function located(trace: string, handler: string | undefined): string {
  if (placesIn(trace).some(({ line }) => line !== undefined)) return trace;
  const graph = () => importGraph(handler === undefined ? [] : [handler]);
  const where = whereImported(trace) ?? whereExportIsMissing(trace, graph) ??
    whereJsonIsWrong(trace, graph);
  return where === undefined ? trace : `${trace.trimEnd()}\n    at ${where}`;
}

/** What the handler imports; only looked for where that helps. */
type Graph = () => Map<string, string[]>;

/** `Cannot find module './x.ts' imported from /srv/handler.ts` */
function whereImported(trace: string): string | undefined {
  const [, specifier, file] =
    /Cannot find \w+ '([^']+)'(?: imported from |\nRequire stack:\n- )(\/.+)$/m.exec(trace) ?? [];
  if (specifier === undefined || file === undefined) return undefined;
  return position(file, (source) => source.search(new RegExp(`["'\`]${escape(specifier)}["'\`]`)));
}

/** `Export named 'x' not found in module '/srv/y.ts'.` */
function whereExportIsMissing(trace: string, graph: Graph): string | undefined {
  const [, name, module] = /Export named '(.+?)' not found in module '(\/.+)'/.exec(trace) ?? [];
  if (name === undefined || module === undefined) return undefined;
  const importers = [...graph()]
    .filter(([, imports]) => imports.includes(module))
    .map(([file]) => file);
  const pattern = new RegExp(`(?<![\\w$])${escape(name)}(?![\\w$])`);
  return importers.map((file) => position(file, (source) => source.search(pattern)))
    .find((found) => found !== undefined);
}

/** `SyntaxError: JSON Parse error: …`, or V8's `… in JSON at position 9 (line 1 column 10)` */
function whereJsonIsWrong(trace: string, graph: Graph): string | undefined {
  if (!/\bJSON\b/.test(trace)) return undefined;
  const wrong = [...graph().keys()]
    .find((file) => file.endsWith(".json") && !isJson(sourceOf(file)));
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(trace) ?? [];
  return wrong === undefined || line === undefined ? wrong : `${wrong}:${line}:${column}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That is what is asked.
    return false;
  }
}

function position(file: string, find: (source: string) => number): string | undefined {
  const source = sourceOf(file);
  const index = find(source);
  if (index < 0) return undefined;
  const lines = source.slice(0, index).split("\n");
  return `${file}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
