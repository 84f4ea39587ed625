import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runtime } from "../runtime/mod.ts";
import { denoLibrary } from "./compilers.ts";
import { projectOf } from "./embed.ts";

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
  /** The project that it extracts, and the module that does that. */
  extract?: { project: string; module: string };
}

/**
 * Writes the modules that become the executable, into a folder of its own. Returns their paths, that of
 * the one that is started first.
 *
 * They import Hurricane from where this Hurricane is: from source, or as the library that is embedded
 * in a compiled one.
 */
export function writeEntries(folder: string, entry: Entry): string[] {
  const sources = entry.runtime === "bun" ? bunSources(folder, entry) : denoSources(folder, entry);
  return Object.entries(sources).map(([name, lines]) => {
    const path = join(folder, `${name}.ts`);
    writeFileSync(path, `${lines.join("\n")}\n`);
    return path;
  });
}

/** Deno keeps the modules that a program consists of. */
function denoSources(folder: string, { handler, ...entry }: Entry): Record<string, string[]> {
  return { hurricane_main: mainSource(folder, entry, `import(${url(handler)})`) };
}

/**
 * Bun makes one module of all that an entry imports. The handler is another entry: where it were
 * imported late, Bun would run CommonJS modules after those that follow them, so `import "dotenv/config"`
 * after all that reads the environment. Nothing of it is loaded in the supervisor then, either.
 */
function bunSources(
  folder: string,
  { handler, extract, ...entry }: Entry,
): Record<string, string[]> {
  if (extract !== undefined) return extractingSources(folder, { handler, ...entry }, extract);
  const promClient = promClientOf(handler);
  const app = `import(new URL("./hurricane_app.js", import.meta.url).href)`;
  const late = promClient === undefined ? undefined : `${app}.then((app) => app.promClient())`;
  return {
    hurricane_main: mainSource(folder, entry, `${app}.then((app) => app.handler)`, late),
    hurricane_app: [
      ...runtime.preloads(process.cwd()).map((module) => `import ${JSON.stringify(module)};`),
      `export * as handler from ${JSON.stringify(handler)};`,
      ...(promClient === undefined
        ? []
        : [`export const promClient = () => import(${JSON.stringify(promClient)});`]),
    ],
  };
}

/** The handler is imported from where it is extracted, as `serve` imports it, and not bundled. */
function extractingSources(
  folder: string,
  { handler, ...entry }: Entry,
  { project, module }: { project: string; module: string },
): Record<string, string[]> {
  const app = `import(new URL("./hurricane_app.js", import.meta.url).href)`;
  return {
    hurricane_main: mainSource(folder, entry, `${app}.then((app) => app.handler())`),
    hurricane_app: [
      `import { join } from "node:path";`,
      `import { extracted } from ${JSON.stringify(module)};`,
      `const handlerFile = ${JSON.stringify(relative(project, handler))};`,
      "export const handler = async () => {",
      "  const folder = await extracted(import.meta.dir);",
      "  // Files that are found from the working directory are in it, too.",
      `  process.chdir(join(folder, ${JSON.stringify(relative(project, projectOf(handler)))}));`,
      "  return await import(join(folder, handlerFile));",
      "};",
    ],
  };
}

/** The text of the program around a handler. What is imported, as expressions. */
function mainSource(
  folder: string,
  { name, defaults, runtime }: Omit<Entry, "handler">,
  handler: string,
  promClient?: string,
): string[] {
  return [
    `import { main } from ${JSON.stringify(library(folder, runtime))};`,
    "",
    "// Not awaited: see main.ts of Hurricane.",
    "void main({",
    `  name: ${JSON.stringify(name)},`,
    `  handler: () => ${handler},`,
    `  defaults: ${JSON.stringify(defaults)},`,
    ...(promClient === undefined ? [] : [`  promClient: () => ${promClient},`]),
    "});",
  ];
}

function library(folder: string, target: "bun" | "deno"): string {
  if (!runtime.compiled) {
    const file = new URL("../mod.ts", import.meta.url);
    return target === "deno" ? file.href : fileURLToPath(file);
  }
  if (target === "deno") return denoLibrary;
  writeFileSync(join(folder, "hurricane.js"), readFileSync(embeddedLibrary));
  return "./hurricane.js";
}

/** Deno takes no bare paths. */
function url(path: string): string {
  return JSON.stringify(pathToFileURL(path).href);
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
