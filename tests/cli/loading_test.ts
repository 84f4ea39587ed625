import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";

const src = fileURLToPath(new URL("../../src", import.meta.url));

/** Imports and exports of values that are loaded with a file, not by its `import()`. */
const loaded = /^(?:import|export)(?! type\b)[^;]*? from "([^"]+)"/gm;

/** What is loaded together with a file, itself included: files below `src`, and packages. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  const name = relative(src, file);
  if (found.has(name)) return found;
  found.add(name);
  for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(loaded)) {
    if (specifier.startsWith(".")) loadedWith(join(dirname(file), specifier), found);
    else if (!specifier.startsWith("node:")) found.add(specifier);
  }
  return found;
}

test("serve waits neither for the other commands nor for the help", () => {
  const own = loadedWith(join(src, "cli/main.ts"));
  assert(own.has("cli/commands/serve.ts") && own.has("options/serve_table.ts"));
  const late = [...loadedWith(join(src, "cli/help.ts"))].filter((name) => /cli|cac/.test(name));
  assert(late.includes("cac") && late.includes("cli/commands/manifest.ts"));
  assertEquals(
    [...own].filter((name) => name.startsWith("cli/")).toSorted(),
    [
      "cli/command.ts",
      "cli/commands/serve.ts",
      "cli/commands/serve_parse.ts",
      "cli/handler_file.ts",
      "cli/main.ts",
    ],
  );
  const packages = [...own].filter((name) => !/\.(ts|json)$/.test(name));
  assertEquals(packages, ["zod/mini"]);
});

test("the names of the commands, which every process knows, load nothing else", () => {
  assertEquals([...loadedWith(join(src, "cli/command.ts"))], ["cli/command.ts"]);
});
