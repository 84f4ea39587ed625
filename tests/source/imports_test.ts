import { join } from "node:path";
import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { importGraph, sourceOf } from "../../src/source/imports.ts";
import { TempDir } from "../support/temp_dir.ts";

/** What a file imports; the others exist. */
function imported(source: string, others: string[] = [], name = "src/handler.ts"): string[] {
  using dir = new TempDir();
  for (const other of others) dir.file(other, "");
  const file = dir.file(name, source);
  const imports = importGraph([file]).get(file) ?? [];
  return imports.map((path) => path.slice(dir.path.length + 1));
}

describe("importGraph", () => {
  const forms: Record<string, string> = {
    "import": `import x from "./a.ts";`,
    "import for its effect": `import './a.ts'`,
    "import of several lines": `import {\n  x,\n  y,\n} from "./a.ts";`,
    "type import": `import type { X } from "./a.ts";`,
    "export": `export * from "./a.ts";`,
    "lazy import": `const x = await import("./a.ts");`,
    "lazy import of a template": "const x = await import(`./a.ts`);",
    "require": `const x = require("./a.ts");`,
    "query": `import x from "./a.ts?version=2";`,
    "attribute": `import x from "./a.ts" with { type: "text" };`,
    "code that does not parse": `import x from "./a.ts"; export const y = {;`,
  };
  for (const [name, source] of Object.entries(forms)) {
    test(`sees an ${name}`, () => assertEquals(imported(source, ["src/a.ts"]), ["src/a.ts"]));
  }

  test("leaves out packages, URLs, and what is computed", () => {
    const source =
      `import a from "hono"; import b from "https://example.com/x.ts"; import "node:fs";
      import("./" + name); import("./\${name}.ts"); import "./node_modules/x/index.js"; from("elsewhere");`;
    assertEquals(imported(source, ["src/node_modules/x/index.js"]), []);
  });

  test("finds a file by what TypeScript calls its output, and without its ending", () => {
    const source = `import "./a.js"; import "./b"; import "../lib"; import "./c.jsx";`;
    const files = ["src/a.ts", "src/b.tsx", "lib/index.ts", "src/c.tsx"];
    assertEquals(imported(source, files), files);
  });

  test("gives every place where a file could be that is missing", () => {
    const places = imported(`import "./a";`);
    for (const place of ["src/a", "src/a.ts", "src/a.json", "src/a/index.tsx"]) {
      assert(places.includes(place), place);
    }
  });

  test("follows imports to their end, in circles and through pages and styles", () => {
    using dir = new TempDir();
    const files = {
      "handler.ts": `import page from "./page.html"; import "./handler.ts";`,
      "page.html": `<link href="/x.css"><link rel=stylesheet href='front/a.css'>
        <script src="front/main.tsx"></script><a href="https://example.com/"><img src="//x/y">`,
      "front/a.css": `@import "./b.css"; @import url("./c.css");`,
      "front/main.tsx": `import "./a.css"; import "../handler.ts";`,
      "front/b.css": "",
      "front/c.css": "",
    };
    for (const [name, text] of Object.entries(files)) dir.file(name, text);
    const graph = importGraph([join(dir.path, "handler.ts")]);
    const inside = [...graph.keys()].filter((path) => path.startsWith(dir.path));
    assertEquals(
      inside.map((path) => path.slice(dir.path.length + 1)).sort(),
      Object.keys(files).sort(),
    );
  });

  test("of nothing is nothing, and a file that is missing imports nothing", () => {
    assertEquals(importGraph([]), new Map());
    assertEquals(importGraph(["/no/such.ts"]), new Map([["/no/such.ts", []]]));
  });
});

test("the source of what is no file, or was not written by hand, is empty", () => {
  using dir = new TempDir();
  const long = dir.file("long.js", "x".repeat(1024 * 1024 + 1));
  assertEquals(["/no/such.ts", dir.path, long].map(sourceOf), ["", "", ""]);
  assertEquals(sourceOf(dir.file("short.js", "x")), "x");
});
