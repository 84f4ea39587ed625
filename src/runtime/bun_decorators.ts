/**
 * TypeScript's own decorators (`experimentalDecorators`, `emitDecoratorMetadata`), which Bun leaves out
 * where a compiled program imports a module as it runs. Its bundler does not.
 *
 * @module
 */
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { api } from "./bun_api.ts";
import { Promise } from "../natives.ts";

/** At the start of a line, of a parameter or of a field, or before a class that is exported. */
const decorator = /^\s*@|[(,;{}]\s*@|\b(?:export|default)\s+@/m;

/**
 * Has the modules of a project that have decorators imported as the `tsconfig.json` nearest to each says.
 * All others are left to Bun.
 *
 * @param tsconfigs The paths of those that lie above the handler, the outermost last.
 */
export async function heedDecorators(tsconfigs: readonly string[]): Promise<void> {
  const outermost = tsconfigs.findLast((file) => asksForDecorators(file));
  if (outermost === undefined) return;
  const modules = new Map<string, string>();
  await Promise.all(
    decoratedFiles(realpathSync(dirname(outermost))).map(async (file) => {
      const compiled = await compile(file);
      if (compiled !== undefined) modules.set(file, compiled);
    }),
  );
  if (modules.size === 0) return;
  const paths = [...modules.keys()].map((path) => path.replace(/[^\w/]/g, "\\$&"));
  api().plugin({
    name: "decorators",
    setup: (plugins) =>
      plugins.onLoad(
        { filter: new RegExp(`^(?:${paths.join("|")})$`) },
        ({ path }) => ({ contents: modules.get(path) ?? "", loader: "js" }),
      ),
  });
}

/** Does a `tsconfig.json`, or one that it extends by a path: another Bun does not read. */
function asksForDecorators(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  const text = textOf(file);
  if (/"experimentalDecorators"\s*:\s*true/.test(text)) return true;
  const [, bases = ""] = /"extends"\s*:\s*("[^"]*"|\[[^\]]*\])/.exec(text) ?? [];
  return [...bases.matchAll(/"(\.{0,2}\/[^"]+)"/g)].some(([, base = ""]) => {
    const path = resolve(dirname(file), base);
    return asksForDecorators(path.endsWith(".json") ? path : `${path}.json`, seen);
  });
}

/** Packages, hidden folders, other file systems (a mount, `/proc`) and what may not be read are left out. */
function decoratedFiles(folder: string, device = statSync(folder).dev): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name === "node_modules" || entry.name.startsWith(".")) return [];
      return statSync(path).dev === device ? decoratedFiles(path, device) : [];
    }
    if (!entry.isFile() || !/\.[cm]?tsx?$/.test(path) || path.endsWith(".d.ts")) return [];
    return decorator.test(textOf(path)) ? [path] : [];
  });
}

/** Empty where it cannot be read: where that matters, Bun says why. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // It may not be read.
    return [];
  }
}

/** A module in JavaScript, with its source map; `undefined` where it does not compile, which Bun says later. */
async function compile(file: string): Promise<string | undefined> {
  const { success, outputs: [output] } = await api().build({
    entrypoints: [file],
    // This module alone.
    external: ["*"],
    packages: "external",
    target: "bun",
    format: "esm",
    define: { "process.env.NODE_ENV": "process.env.NODE_ENV" },
    sourcemap: "inline",
    throw: false,
  });
  return success ? await output?.text() : undefined;
}
