import { describe, test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  allFiles,
  appFile,
  fromRoot,
  hasExamples,
  meant,
  testFile,
} from "../../scripts/suite/files.ts";
import { UsageError } from "../../scripts/suite/words.ts";
import { TempDir } from "../support/temp_dir.ts";

const all = [
  "tests/log_test.ts",
  "tests/probes/queue_test.ts",
  "tests/probes_test.ts",
  "tests/e2e/queue_test.ts",
  "tests/e2e/build_test.ts",
  "tests/apps/koa_test.ts",
  "tests/faults/hosts_test.ts",
  "src/log.ts",
].map(testFile);

/** The paths of the files that are meant, with `!` where one was named. */
function found(...wanted: string[]): string[] {
  return meant(new Map(wanted.map((path) => [path, path])), all)
    .map(({ path, named }) => named ? `${path}!` : path);
}

describe("a file", () => {
  test("is what its folder makes it, and some end-to-end tests choose their form", () => {
    assertEquals(all.map(({ kind, formless }) => `${kind} ${formless}`), [
      "unit false",
      "unit false",
      "unit false",
      "e2e false",
      "e2e true",
      "apps false",
      "e2e false",
      "examples false",
    ]);
  });

  test("is found where it lies; this one, too", () => {
    const paths = allFiles(fileURLToPath(new URL("../../", import.meta.url)))
      .map(({ path }) => path);
    assert(paths.includes("tests/suite/files_test.ts"));
    assert(paths.includes("src/within.ts"));
    assert(!paths.includes("src/main.ts"), "it has no examples");
    assert(!paths.includes("tests/support/wait.ts"));
    assert(paths.some((path) => testFile(path).formless));
  });
});

describe("meant", () => {
  test("a file, and a folder with all that is under it", () => {
    assertEquals(found("tests/log_test.ts"), ["tests/log_test.ts!"]);
    assertEquals(found("tests/probes"), ["tests/probes/queue_test.ts"]);
    assertEquals(found("").length, all.length);
  });

  test("a file that is named twice counts once, as named", () => {
    for (const paths of [["tests/e2e", "tests/e2e/queue_test.ts"], ["tests/e2e/queue_test.ts"]]) {
      assertEquals(found(...paths, "tests/e2e").sort(), [
        "tests/e2e/build_test.ts",
        "tests/e2e/queue_test.ts!",
      ]);
    }
  });

  test("is never nothing", () => {
    for (const path of ["tests/probe", "tests/nowhere_test.ts", "tests/support", "../x"]) {
      assertThrows(
        () => found("tests/log_test.ts", path),
        UsageError,
        `"${path}": no test is there`,
      );
    }
  });
});

describe("what means nothing", () => {
  const hint = (given: string) =>
    assertThrows(() => meant(new Map([[given, given]]), all), UsageError).message;

  test("may have been meant for what ends like it, else for what has its name", () => {
    const both = "did you mean tests/probes/queue_test.ts, tests/e2e/queue_test.ts?";
    for (const given of ["queue", "queue_test.ts", "queue.ts", "./tests/queue_test.ts"]) {
      assertEquals(hint(given), `"${given}": no test is there; ${both}`);
    }
    for (
      const [given, wanted] of [
        ["e2e/queue_test.ts", "tests/e2e/queue_test.ts"],
        ["../e2e/queue", "tests/e2e/queue_test.ts"],
        ["probes/", "tests/probes, tests/probes_test.ts"],
      ] as const
    ) assertEquals(hint(given), `"${given}": no test is there; did you mean ${wanted}?`);
  });

  test("may be a source without examples, whose tests are elsewhere", () => {
    assertEquals(
      hint("src/probes/queue.ts"),
      `"src/probes/queue.ts": it has no examples; its tests are in tests/probes/queue_test.ts`,
    );
    assertEquals(
      hint("src/probes"),
      `"src/probes": it has no examples; its tests are in tests/probes`,
    );
  });
});

test("an example is code between fences in a docstring, as Deno has it", () => {
  const docstring = (language: string) => `/**\n * \`\`\`${language}\n * f();\n * \`\`\`\n */\n`;
  for (const language of ["ts", "", "typescript", "js", "tsx", "ts no-check"]) {
    assert(hasExamples(docstring(language)), language);
    assert(hasExamples(`${docstring("text")}${docstring(language)}`), `${language}, after a text`);
  }
  for (const language of ["text", "sh", "tsv", "ts ignore"]) {
    assert(!hasExamples(docstring(language)), language);
  }
  assert(!hasExamples("// ```ts\n// f();\n// ```\nconst s = '```';"));
});

test("an app has its tests in a file of its name", () => {
  assertEquals(appFile("koa", all), "tests/apps/koa_test.ts");
  assertEquals(appFile("queue", all), undefined);
});

test("a path is taken from where it was given", () => {
  using dir = new TempDir();
  dir.file("tests/probes/queue_test.ts", "");
  symlinkSync(dir.path, join(dir.path, "link"));
  const within = (path: string) => join(dir.path, path);
  for (
    const [given, folder] of [
      ["tests/probes/queue_test.ts", dir.path],
      ["./tests/probes/../probes/queue_test.ts", dir.path],
      ["queue_test.ts", within("tests/probes")],
      [within("tests/probes/queue_test.ts"), "/"],
      ["link/tests/probes/queue_test.ts", dir.path],
    ] as const
  ) assertEquals(fromRoot(given, dir.path, folder), "tests/probes/queue_test.ts");
  assertEquals(fromRoot(".", dir.path, dir.path), "");
  assertEquals(fromRoot("tests/", dir.path, dir.path), "tests");
  assertEquals(fromRoot("nowhere.ts", dir.path, within("tests")), "tests/nowhere.ts");
});
