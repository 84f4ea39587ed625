import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runtime } from "../src/runtime/mod.ts";

const skip = runtime.name === "deno" ? false : "Bun reads no more than it runs";

const root = new URL("../", import.meta.url);

/** A module as `deno info` tells of it: what is imported for its types alone has no `code`. */
interface Module {
  specifier: string;
  dependencies?: { code?: { specifier: string } }[];
}

/** Files of src/ that Deno reads before it runs one of them. */
function readFor(file: string): Set<string> {
  const args = ["info", "--json", fileURLToPath(new URL(file, root))];
  const text = execFileSync(process.execPath, args, { encoding: "utf8", cwd: fileURLToPath(root) });
  const { modules } = JSON.parse(text) as { modules: Module[] };
  const imports = new Map(
    modules.map(({ specifier, dependencies = [] }) => [specifier, dependencies]),
  );
  const found = new Set<string>();
  const todo = [new URL(file, root).href];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    todo.push(...(imports.get(next) ?? []).flatMap(({ code }) => code?.specifier ?? []));
  }
  const source = new URL("src/", root).href;
  return new Set([...found].map((specifier) => specifier.replace(source, "")));
}

const parts = ["app/process.ts", "amqp/process.ts", "cli/main.ts"];

describe("what Deno reads before it runs anything", { skip }, () => {
  test("is little of Hurricane's for a process from source", () => {
    const read = readFor("src/main.ts");
    assert(read.has("start.ts"));
    assertEquals(parts.filter((part) => read.has(part)), []);
  });

  test("is all of it for a program that it compiles", () => {
    const read = readFor("src/mod.ts");
    assertEquals(parts.filter((part) => read.has(part)), parts);
  });
});
