import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runtime } from "../runtime/mod.ts";
import { version } from "../version.ts";

/** Where `scripts/build` puts Hurricane as a library into the executable. */
const embeddedLibrary = "/$bunfs/root/hurricane.js";

/** The program around a handler. */
export interface Entry {
  /** Absolute path of the handler. */
  handler: string;
  /** What the program calls itself. */
  name: string;
  /** Arguments of `serve` that the program has as its defaults. */
  defaults: readonly string[];
  /** What the program is for. */
  runtime: "bun" | "deno";
}

/**
 * Writes the module that becomes the executable, into a folder of its own. Returns its path.
 *
 * It imports Hurricane from where this Hurricane is: from source, or as the library that is embedded
 * in a compiled one.
 */
export function writeEntry(folder: string, entry: Entry): string {
  const path = join(folder, "entry.ts");
  writeFileSync(path, source(entry, library(folder, entry.runtime)));
  return path;
}

/** The text of such a module. */
function source({ handler, name, defaults, runtime }: Entry, library: string): string {
  const promClient = runtime === "bun" ? promClientOf(handler) : undefined;
  const load = (path: string) => `() => import(${JSON.stringify(moduleName(path, runtime))})`;
  return [
    `import { main } from ${JSON.stringify(library)};`,
    "",
    "// Not awaited: see main.ts of Hurricane.",
    "void main({",
    `  name: ${JSON.stringify(name)},`,
    `  handler: ${load(handler)},`,
    `  defaults: ${JSON.stringify(defaults)},`,
    ...(promClient === undefined ? [] : [`  promClient: ${load(promClient)},`]),
    "});",
    "",
  ].join("\n");
}

function library(folder: string, target: "bun" | "deno"): string {
  if (!runtime.compiled) {
    return moduleName(fileURLToPath(new URL("../mod.ts", import.meta.url)), target);
  }
  if (target === "deno") return `jsr:@hurricane/hurricane@${version}`;
  writeFileSync(join(folder, "hurricane.js"), readFileSync(embeddedLibrary));
  return "./hurricane.js";
}

/** Deno takes no bare paths. */
function moduleName(path: string, runtime: "bun" | "deno"): string {
  return runtime === "deno" ? pathToFileURL(path).href : path;
}

/** The handler's own prom-client, which cannot be found any more once it is bundled. */
function promClientOf(handler: string): string | undefined {
  try {
    const path = createRequire(handler).resolve("prom-client");
    // Bun also looks into its cache of packages that nobody has installed.
    return path.includes("node_modules") ? path : undefined;
  } catch {
    // It uses none.
    return undefined;
  }
}
