import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * All that is evaluated for a file of the repository before its own code runs: files, and packages by their
 * names.
 */
export function loadedFor(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const specifier of valuesFrom(readFileSync(join(root, file), "utf8"))) {
    if (specifier.startsWith(".")) loadedFor(join(dirname(file), specifier), found);
    else found.add(specifier);
  }
  return found;
}

/** What a source imports or passes on that is no type, and not late. */
function valuesFrom(source: string): string[] {
  const statements = source.matchAll(/^(?:import|export)\b(?! type\b)([^;"]*?)\s*from "([^"]+)"/gm);
  return [...statements].flatMap(([, names = "", specifier = ""]) => {
    const braced = /^\s*\{([^}]*)\}$/.exec(names)?.[1];
    const areTypes = braced?.split(",").every((name) => /^\s*(type\s|$)/.test(name)) ?? false;
    return areTypes ? [] : [specifier];
  }).concat([...source.matchAll(/^import "([^"]+)"/gm)].map(([, specifier = ""]) => specifier));
}
