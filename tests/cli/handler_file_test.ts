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
