/**
 * What files import from each other by relative paths, as far as their text tells.
 *
 * For code that does not start: neither runtime tells then what it has read. Bare imports are left out,
 * for what they mean is the runtime's business.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** `from "…"`, `import "…"`, `import("…")`, `require("…")`, and what HTML and CSS refer to. */
const specifiers = {
  script: /\b(?:from|import|require)\s*\(?\s*["'`]([^"'`\n]+)["'`](?!\s*\+)/g,
  page: /\b(?:src|href)\s*=\s*["']([^"'\n]+)["']/g,
  style: /@import\s+(?:url\()?["']([^"'\n]+)["']/g,
};

/** What may be left out of an import, in the order in which Bun tries it. */
const endings = [".tsx", ".ts", ".jsx", ".js", ".mts", ".mjs", ".cts", ".cjs", ".json"];

/** A longer file was not written by hand, in bytes. */
const longest = 1024 * 1024;

/** At most so many files are read. */
const most = 5000;

/**
 * All files that can be reached from some, with what each imports: what is there, or, where nothing is,
 * every path at which it would be found.
 */
export function importGraph(roots: Iterable<string>): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  const todo = [...roots];
  for (let file = todo.pop(); file !== undefined && graph.size < most; file = todo.pop()) {
    if (graph.has(file)) continue;
    const imports = importsOf(file);
    graph.set(file, imports);
    todo.push(...imports);
  }
  return graph;
}

/** The source of a file; empty where there is none. */
export function sourceOf(file: string): string {
  try {
    const stat = statSync(file);
    return stat.isFile() && stat.size <= longest ? readFileSync(file, "utf8") : "";
  } catch {
    // It does not exist, or cannot be read: it imports nothing.
    return "";
  }
}

function importsOf(file: string): string[] {
  const extension = extname(file);
  const pattern = extension === ".html"
    ? specifiers.page
    : extension === ".css"
    ? specifiers.style
    : /^\.[cm]?[jt]sx?$/.test(extension)
    ? specifiers.script
    : undefined;
  if (pattern === undefined) return [];
  const found = [...sourceOf(file).matchAll(pattern)].flatMap(([, specifier = ""]) =>
    target(file, specifier, extension === ".html")
  );
  return [...new Set(found)].filter((path) => !path.includes("/node_modules/"));
}

function target(file: string, specifier: string, page: boolean): string[] {
  const path = specifier.replace(/[?#].*$/, "");
  if (path.startsWith("file:///")) return [fileURLToPath(path)];
  const relative = page ? !/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(path) : /^\.{0,2}\//.test(path);
  if (!relative || path === "" || path.includes("${")) return [];
  const base = resolve(dirname(file), path);
  const candidates = [
    base,
    ...endings.map((ending) => base + ending),
    ...endings.map((ending) => resolve(base, `index${ending}`)),
    // TypeScript is imported by the name that its output has.
    ...base.endsWith("js") || base.endsWith("jsx") ? [base.replace(/js(x?)$/, "ts$1")] : [],
  ];
  const existing = candidates.find(isFile);
  return existing === undefined ? candidates : [existing];
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Nothing there, or not to be had: it would not be imported either.
    return false;
  }
}
