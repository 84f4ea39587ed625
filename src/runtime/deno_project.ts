import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import own from "../../deno.json" with { type: "json" };

/**
 * The flags that make the handler's own `deno.json` count.
 *
 * Deno reads one configuration, by default the one beside the main module, which is Hurricane's.
 * Where the handler's project has another, that one is named, and the packages that Hurricane's
 * own modules import are mapped for those modules alone (`scopes` of the import map).
 */
export function projectFlags(handler: string | undefined): string[] {
  const config = handler === undefined ? undefined : nearestConfig(dirname(handler));
  if (config === undefined) return [];
  if (!Deno.mainModule.startsWith("file:")) return ["--config", config];
  const main = nearestConfig(dirname(fileURLToPath(Deno.mainModule)));
  if (main === undefined || main === config) return [];
  const packages = Object.keys(own.imports).filter((name) =>
    own.imports[name as keyof typeof own.imports].startsWith("npm:") && !name.startsWith("@types/")
  );
  const map = {
    imports: absoluteImports(config),
    scopes: {
      [new URL("./", pathToFileURL(main)).href]: Object.fromEntries(
        packages.map((name) => [name, import.meta.resolve(name)]),
      ),
    },
  };
  const url = `data:application/json,${encodeURIComponent(JSON.stringify(map))}`;
  return ["--config", config, "--import-map", url];
}

function nearestConfig(folder: string): string | undefined {
  for (const name of ["deno.json", "deno.jsonc"]) {
    if (existsSync(join(folder, name))) return join(folder, name);
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestConfig(parent);
}

/** The `imports` of a `deno.json` as they mean the same in an import map that lies elsewhere. */
function absoluteImports(config: string): Record<string, string> {
  const parsed: unknown = JSON.parse(withoutComments(readFileSync(config, "utf8")));
  const imports = (parsed as { imports?: Record<string, string> }).imports ?? {};
  const absolute: Record<string, string> = {};
  for (const [name, target] of Object.entries(imports)) {
    absolute[name] = /^\.{0,2}\//.test(target)
      ? new URL(target, pathToFileURL(config)).href
      : target;
    const [, registry, package_] = /^(npm|jsr):\/?(.*[^/])$/.exec(target) ?? [];
    // In a deno.json "hono": "npm:hono" stands for "hono/jsx" as well; in an import map it does not.
    if (package_ !== undefined) absolute[`${name}/`] ??= `${registry}:/${package_}/`;
  }
  return absolute;
}

/** JSONC's comments and trailing commas; what stands inside a string is kept. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, string) => string ?? "")
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_all, string) => string ?? "");
}
