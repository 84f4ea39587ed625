import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** An import map for Deno: what deno.json has, and a `node:test` that heeds a filter. */
export function filterMap(root: string): string {
  const { imports } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8")) as {
    imports: Record<string, string>;
  };
  const url = (path: string): string => pathToFileURL(join(root, path)).href;
  // What is relative there would be so to this map.
  const absolute = Object.entries(imports).map(([name, target]) => [
    name,
    target.startsWith(".") ? url(target) : target,
  ]);
  const filter = url("scripts/suite/deno_filter.ts");
  return JSON.stringify({
    imports: { ...Object.fromEntries(absolute), "node:test": filter },
    scopes: { [filter]: { "node:test": "node:test" } },
  });
}
