/**
 * TypeScript's own decorators (`experimentalDecorators`, `emitDecoratorMetadata`), which Bun leaves out
 * where a compiled program imports a module as it runs. Its bundler does not.
 *
 * @module
 */
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { api } from "./bun_api.ts";

/** At the start of a line, of a parameter or of a field, or before a class that is exported. */
const decorator = /^\s*@|[(,;{}]\s*@|\b(?:export|default)\s+@/m;

/**
 * Has the modules of a project that have decorators imported as its `tsconfig.json` says. All others are
 * left to Bun.
 *
 * @param tsconfig The text of the `tsconfig.json`.
 * @param folder Where that lies.
 */
export async function heedDecorators(tsconfig: string, folder: string): Promise<void> {
  const modules = new Map<string, string>();
  await Promise.all(
    decoratedFiles(realpathSync(outermost(tsconfig, folder))).map(async (file) => {
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

/**
 * May a `tsconfig.json` ask for decorators? What it extends is another one's business to read, and to read
 * the project in vain takes some milliseconds.
 */
export function mayHaveDecorators(tsconfig: string): boolean {
  return /"experimentalDecorators"\s*:\s*true|"extends"\s*:/.test(tsconfig);
}

/** The folder that holds all of a project: that of the outermost file that its `tsconfig.json` extends. */
function outermost(tsconfig: string, folder: string): string {
  const [, base] = /"extends"\s*:\s*\[?\s*"(\.\.?\/[^"]+)"/.exec(tsconfig) ?? [];
  if (base === undefined) return folder;
  const file = resolve(folder, base.endsWith(".json") ? base : `${base}.json`);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // Bun goes on without it, too.
    return folder;
  }
  const outer = outermost(text, dirname(file));
  return folder.startsWith(`${outer}/`) ? outer : folder;
}

function decoratedFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === "node_modules" || entry.name.startsWith(".")
        ? []
        : decoratedFiles(path);
    }
    return entry.isFile() && /\.[cm]?tsx?$/.test(path) && decorator.test(readFileSync(path, "utf8"))
      ? [path]
      : [];
  });
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
