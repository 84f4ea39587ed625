import { join } from "node:path";
import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { located } from "../../src/source/locate.ts";
import { TempDir } from "../support/temp_dir.ts";

/** What is added to a trace in which FOLDER stands for the folder of these files. */
function added(trace: string, files: Record<string, string>): string {
  using dir = new TempDir();
  for (const [name, text] of Object.entries(files)) dir.file(name, text);
  const given = trace.replaceAll("FOLDER", dir.path);
  const whole = located(given, join(dir.path, "handler.ts"));
  return whole.replace(given, "").replaceAll(dir.path, "FOLDER").trim();
}

describe("the trace of a failed start is located:", () => {
  test("an import of a file that does not exist", () => {
    const trace = "ResolveMessage: Cannot find module './no.ts' imported from FOLDER/lib/a.ts";
    const files = { "lib/a.ts": `// no.ts\nimport x from\n  "./no.ts";` };
    assertEquals(added(trace, files), "at FOLDER/lib/a.ts:3:3");
  });

  test("an import of a package that is not installed", () => {
    const trace = "ResolveMessage: Cannot find package 'no(.*)' imported from FOLDER/a.ts";
    assertEquals(added(trace, { "a.ts": `import "no(.*)";` }), "at FOLDER/a.ts:1:8");
  });

  test("a require", () => {
    const trace = "ResolveMessage: Cannot find module './no.cjs'\nRequire stack:\n- FOLDER/a.cjs";
    assertEquals(added(trace, { "a.cjs": `require('./no.cjs')` }), "at FOLDER/a.cjs:1:9");
  });

  test("an export that does not exist: in the file that imports it", () => {
    const trace = "SyntaxError: Export named 'db' not found in module 'FOLDER/lib/db.ts'.";
    const files = {
      "handler.ts": `import "./lib/other.ts";`,
      "lib/other.ts": `import { dbs } from "./x.ts";\nimport { a, db } from "./db";`,
      "lib/db.ts": "export const a = 1;",
    };
    assertEquals(added(trace, files), "at FOLDER/lib/other.ts:2:13");
  });

  test("a JSON file that is none", () => {
    const files = {
      "handler.ts": `import "./good.json"; import "./bad.json";`,
      "good.json": "{}",
      "bad.json": "{,}",
    };
    assertEquals(added("SyntaxError: JSON Parse error: Expected", files), "at FOLDER/bad.json");
    const v8 = "SyntaxError: Expected property name in JSON at position 1 (line 1 column 2)";
    assertEquals(added(v8, files), "at FOLDER/bad.json:1:2");
  });

  test("not where it is already, and not where nobody knows", () => {
    const known = "SyntaxError: JSON Parse error\n    at FOLDER/handler.ts:1:2";
    for (
      const trace of [known, "Error: no", "Cannot find module './a' imported from FOLDER/b.ts"]
    ) {
      assertEquals(added(trace, { "handler.ts": "" }), "");
    }
    assertEquals(
      located("SyntaxError: JSON Parse error", undefined),
      "SyntaxError: JSON Parse error",
    );
  });
});
