import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { api } from "./bun_api.ts";
import { heedDecorators } from "./bun_decorators.ts";

/** What Bun does with a project's files before it imports a module of it, but not where it is compiled. */
export async function prepareImport(handler: string): Promise<void> {
  await heedDecorators(above(dirname(handler), "tsconfig.json"));
  for (const module of preloads(process.cwd())) await import(module);
}

/** What the `bunfig.toml` of a folder has Bun import first: https://bun.com/docs/runtime/bunfig#preload */
export function preloads(folder: string): string[] {
  const bunfig = textOf(join(folder, "bunfig.toml"));
  if (bunfig === undefined) return [];
  const { preload = [] } = api().TOML.parse(bunfig) as { preload?: string | string[] };
  return [preload].flat().map((specifier) => api().resolveSync(specifier, folder));
}

/** The files of a name in a folder and in all above it, from the inside out. */
function above(folder: string, name: string): string[] {
  const file = join(folder, name);
  const parent = dirname(folder);
  return [...existsSync(file) ? [file] : [], ...parent === folder ? [] : above(parent, name)];
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // There is none, or none that could be read: as if it were not there, as for Bun.
    return undefined;
  }
}
