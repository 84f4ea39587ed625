import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { importGraph } from "../src/source/imports.ts";

/**
 * Folders and files of src/ from top to bottom. An import goes down, or stays inside its own line.
 * What lies in a folder belongs to the folder, unless it has a line of its own.
 */
const layers: readonly string[] = [
  "src/main.ts",
  "src/mod.ts",
  "src/start.ts",
  "src/plain_serve.ts",
  "src/parts.ts",
  "src/cli",
  "src/build",
  "src/manifest",
  "src/monitoring",
  "src/supervisor",
  "src/supervisor/front",
  "src/supervisor/development",
  "src/supervisor/process",
  "src/supervisor/workers",
  "src/supervisor/amqp",
  "src/watch",
  "src/source",
  "src/status",
  "src/options",
  "src/probes",
  "src/webhooks",
  "src/commands",
  "src/amqp",
  "src/app",
  "src/metrics",
  "src/late_schema.ts",
  "src/kernel_sockets.ts",
  "src/log.ts",
  "src/log",
  "src/early_signals.ts",
  "src/runtime",
  "src/small_file.ts",
  "src/bounded.ts",
  "src/turns.ts",
  "src/while_waiting.ts",
  "src/elapsed.ts",
  "src/errors.ts",
  "src/plain_text.ts",
  "src/request_head.ts",
  "src/timeline.ts",
  "src/within.ts",
  "src/version.ts",
  "src/natives.ts",
  "src/handler_types.ts",
];

/**
 * A type that everybody may name: it is made of the table of options, and so of what reads them, which
 * lies above. Where that led back to where it came from, it would be a cycle of files.
 */
const forEverybody = "src/options/service_options.ts";

/** What each file imports. */
type Graph = ReadonlyMap<string, readonly string[]>;

const root = fileURLToPath(new URL("../", import.meta.url));

/** The files of some folders with what they import of each other, also as types and late. */
function graphOf(folders: readonly string[]): Graph {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name))
  );
  const graph = importGraph(files.map((file) => join(root, file)));
  return new Map(
    files.sort().map((file) => {
      const imported = (graph.get(join(root, file)) ?? []).map((path) => relative(root, path));
      // An example in a docstring imports the file that it is in.
      return [file, imported.filter((path) => path !== file && files.includes(path))];
    }),
  );
}

/** The groups of files of which each reaches all others, by Tarjan's algorithm. */
function cycles(graph: Graph): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const stack: string[] = [];
  /** Gives the earliest file on the stack that can be reached. */
  function visit(file: string): number {
    const own = order.size;
    order.set(file, own);
    stack.push(file);
    let earliest = own;
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) earliest = Math.min(earliest, visit(next));
      else if (stack.includes(next)) earliest = Math.min(earliest, order.get(next) ?? own);
    }
    if (earliest === own) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1) found.push(group.sort());
    }
    return earliest;
  }
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

/** The imports that go up. */
function upward(graph: Graph, layers: readonly string[]): string[] {
  return [...graph].flatMap(([file, imported]) =>
    imported
      .filter((path) => path !== forEverybody && layerOf(path, layers) < layerOf(file, layers))
      .map((path) => `${file} imports ${path}`)
  );
}

/** The longest line that names the file or a folder that it is in; -1 where there is none. */
function layerOf(file: string, layers: readonly string[]): number {
  const lines = layers.filter((line) => file === line || file.startsWith(`${line}/`));
  return layers.indexOf(lines.sort((a, b) => b.length - a.length)[0] ?? "");
}

describe("imports", () => {
  test("have no cycles", () => {
    assertEquals(cycles(graphOf(["src", "scripts"])), []);
  });

  test("of src/ go down", () => {
    const graph = graphOf(["src"]);
    const homeless = [...graph.keys()].filter((file) => layerOf(file, layers) < 0);
    assertEquals(homeless, [], "each has its place in the layers");
    assertEquals(upward(graph, layers), []);
  });
});

describe("this test sees", () => {
  test("cycles, and which files are in them", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c", "d"]],
      ["c", ["a"]],
      ["d", ["e"]],
      ["e", ["h"]],
      ["h", ["e"]],
      ["f", ["a", "g"]],
      ["g", ["d"]],
    ]);
    assertEquals(cycles(graph), [["e", "h"], ["a", "b", "c"]]);
  });

  test("imports that go up, also between a folder and what lies in it", () => {
    const graph = new Map([
      ["top.ts", ["a/x.ts", "a/deep/y.ts", "b/z.ts"]],
      ["a/x.ts", ["a/other.ts", "a/deep/y.ts", "b/z.ts"]],
      ["a/deep/y.ts", ["a/x.ts"]],
      ["b/z.ts", ["a/x.ts"]],
    ]);
    assertEquals(upward(graph, ["top.ts", "a", "a/deep", "b"]), [
      "a/deep/y.ts imports a/x.ts",
      "b/z.ts imports a/x.ts",
    ]);
  });

  test("every kind of import in these files", () => {
    const graph = graphOf(["src"]);
    const imports = (file: string, path: string) => graph.get(file)?.includes(path);
    assertEquals(
      [
        imports("src/main.ts", "src/cli/main.ts"),
        imports("src/manifest/options.ts", "src/options/service_options.ts"),
        imports("src/mod.ts", "src/supervisor/service.ts"),
      ],
      [true, true, true],
    );
  });
});
