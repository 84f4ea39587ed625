import { symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { handlerFile, noHandlerFile } from "../../src/cli/handler_file.ts";
import { UsageError } from "../../src/options/usage_error.ts";
import { TempDir } from "../support/temp_dir.ts";

function refusal(...positionals: string[]): string {
  return assertThrows(() => handlerFile(positionals, "serve"), UsageError).message;
}

describe("handlerFile", () => {
  test("makes an absolute path of it", () => {
    using dir = new TempDir();
    const handler = dir.file("handler.ts", "");
    assertEquals(handlerFile([relative(process.cwd(), handler)], "serve"), handler);
    assertEquals(handlerFile([handler], "serve"), handler);
  });

  test("takes a link to a file, and leaves it one", () => {
    using dir = new TempDir();
    const link = join(dir.path, "link.ts");
    symlinkSync(dir.file("handler.ts", ""), link);
    assertEquals(handlerFile([link], "serve"), link);
  });

  test("needs one", () => {
    assertEquals(refusal(), "no handler is given, as in: hurricane serve ./handler.ts");
    assertStringIncludes(refusal("a.ts", "x.js"), 'one handler is needed, not "a.ts" "x.js"');
  });

  test("needs a file, and says what was looked for", () => {
    using dir = new TempDir();
    const handler = dir.file("handler.ts", "");
    assertEquals(
      refusal("./nowhere.ts"),
      `the handler "./nowhere.ts" cannot be used: there is no file ${
        join(process.cwd(), "nowhere.ts")
      }`,
    );
    assertStringIncludes(refusal(dir.path), `${dir.path} is a directory`);
    assertStringIncludes(refusal("/dev/null"), "/dev/null is no regular file");
    assertStringIncludes(refusal(`${handler}/x`), `${handler}/x cannot be reached (ENOTDIR)`);
    assertStringIncludes(refusal(""), "is a directory");
  });

  test("needs a module, and neither data nor a URL", () => {
    using dir = new TempDir();
    assertStringIncludes(refusal(dir.file("a.json", "{}")), "it is no JavaScript or TypeScript");
    for (const url of ["https://example.com/a.ts", "file:///srv/a.ts"]) {
      assertStringIncludes(refusal(url), "it is a URL, and a file is needed");
    }
  });
});

test("noHandlerFile refuses a handler where one is built in", () => {
  assertEquals(noHandlerFile([], "./app"), "./app");
  assertEquals(
    assertThrows(() => noHandlerFile(["a.ts"], "./app"), UsageError).message,
    '"a.ts" is one too many: the handler ./app is built in',
  );
});

/** The module that a word stands for in a folder with some files. */
function found(word: string, files: Record<string, string>): string {
  using dir = new TempDir();
  for (const [name, text] of Object.entries(files)) dir.file(name, text);
  return handlerFile([join(dir.path, word)], "serve").replace(`${dir.path}/`, "");
}

describe("a handler is found as node finds it:", () => {
  const cases: Record<string, [word: string, files: Record<string, string>, module: string]> = {
    "by its name": ["main.ts", { "main.ts": "", "main.ts.js": "" }, "main.ts"],
    "without its ending": [
      "dist/main",
      { "dist/main.js": "", "dist/main.d.ts": "" },
      "dist/main.js",
    ],
    "in TypeScript": ["src/main", { "src/main.ts": "" }, "src/main.ts"],
    "with no ending": ["bin/www", { "bin/www": "", "bin/www.js": "" }, "bin/www"],
    "as main of a package": [
      ".",
      { "package.json": `{ "main": "lib/server.js" }`, "lib/server.js": "", "index.js": "" },
      "lib/server.js",
    ],
    "as main without its ending": [
      "",
      { "package.json": `{ "main": "server" }`, "server.js": "" },
      "server.js",
    ],
    "as main that is a directory": [
      ".",
      { "package.json": `{ "main": "lib" }`, "lib/index.js": "" },
      "lib/index.js",
    ],
    "as index": ["app", { "app/index.mjs": "", "app/package.json": "{}" }, "app/index.mjs"],
    "as index where main is not there": [
      ".",
      { "package.json": `{ "main": "no.js" }`, "index.ts": "" },
      "index.ts",
    ],
  };
  for (const [what, [word, files, module]] of Object.entries(cases)) {
    test(what, () => assertEquals(found(word, files), module));
  }

  test("one that is not there is an error of use", () => {
    assertThrows(() => found("dist/main", { "dist/main.txt": "" }), UsageError, "there is no file");
    assertThrows(() => found("dist", { "dist/main.js": "" }), UsageError, "is a directory");
  });
});
