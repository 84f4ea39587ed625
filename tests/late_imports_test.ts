import { describe, test } from "node:test";
import { assertEquals, assertGreater } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadedFor } from "./support/loaded.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** What a file imports late: where Deno sees it and reads all of it beforehand, and where it does not. */
function lateImports(file: string): { seen: string[]; hidden: string[] } {
  // An example in a docstring is none.
  const source = readFileSync(join(root, file), "utf8").replace(/^\s*(\*|\/\/).*$/gm, "");
  const all = [...source.matchAll(/(?<!typeof )\bimport\(\s*"(\.[^"]+)"\s*(as string)?\s*\)/g)];
  const named = (hidden: boolean) =>
    all.filter(([, , as]) => (as !== undefined) === hidden)
      .map(([, specifier = ""]) => join(dirname(file), specifier));
  return { seen: named(false), hidden: named(true) };
}

/** The files of which a start consists: each is imported late by one before it. */
const start = [
  "src/main.ts",
  "src/start.ts",
  "src/app/process.ts",
  "src/cli/main.ts",
  "src/cli/run_service.ts",
];

describe("what is imported late", () => {
  test("is not read by Deno before a start needs it", () => {
    const loaded = new Set(start.flatMap((file) => [...loadedFor(file)]));
    const seen = [...loaded].filter((file) => file.startsWith("src/"))
      .flatMap((file) => lateImports(file).seen.map((late) => `${file}: ${late}`));
    assertGreater(loaded.size, 150);
    assertEquals(seen, ["src/main.ts: src/start.ts"]);
  });

  test("is seen by what Deno compiles", () => {
    const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name)).map((name) => join("src", name));
    const hidden = new Set(files.flatMap((file) => lateImports(file).hidden));
    assertGreater(hidden.size, 15);
    const seen = new Set(loadedFor("src/mod.ts"));
    for (const file of seen) {
      if (!file.startsWith("src/")) continue;
      for (const late of lateImports(file).seen) loadedFor(late, seen);
    }
    assertEquals([...hidden].filter((file) => !seen.has(file)), []);
  });
});

test("before the handler's process is on its way, next to nothing is loaded", () => {
  const loaded = [...loadedFor("src/main.ts"), ...loadedFor("src/start.ts")];
  assertEquals(loaded.includes("src/supervisor/process/app_spawn.ts"), true);
  const dear = ["src/runtime/mod.ts", "src/log.ts", "node:fs", "node:module", "node:os"];
  assertEquals(loaded.filter((one) => dear.includes(one)), []);
});
