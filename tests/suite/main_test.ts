import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertNotMatch, fail } from "@std/assert";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ownEnvironment } from "../support/processes.ts";
import { run } from "../support/program.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where it is set, this file has tests that a test below runs; where it is `throw`, it throws then. */
const onPurpose = "TEST_ON_PURPOSE";

function scriptsTest(...args: string[]) {
  return scriptsTestWith("1", ...args);
}

function scriptsTestWith(purpose: string, ...args: string[]) {
  const env = { ...ownEnvironment() as Record<string, string>, [onPurpose]: purpose };
  return run({ file: join(root, "scripts/test"), args, cwd: join(root, "tests"), env });
}

/** The file with all that a failed step wrote. */
function logIn(stdout: string): string {
  return /^--- all of its output: (.*)$/m.exec(stdout)?.[1] ?? "";
}

describe("scripts/test", () => {
  test("runs one test of a file on both runtimes", async () => {
    const { code, stdout } = await scriptsTest(
      "suite/words_test.ts",
      "--filter",
      "parseWords > refuses an empty filter",
    );
    assertEquals([code, stdout.split("\n").at(-1)], [0, "2 passed, 0 failed"]);
    assertMatch(stdout, /^unit \(bun\): 1 passed, 0 failed \(\d+\.\d s\)$/m);
    assertMatch(stdout, /^unit \(deno\): 1 passed, 0 failed \(\d+\.\d s\)$/m);
  });

  for (const runtime of ["bun", "deno"]) {
    test(`ends with what failed on ${runtime}, and does not run what was not meant`, async () => {
      const name = "on purpose > in a group > fails";
      const { code, stdout } = await scriptsTest(runtime, "suite/main_test.ts", "--filter", name);
      assertEquals(code, 1);
      assertEquals(stdout.split("\n").slice(-4), [
        "failed, and what runs it alone:",
        `  ${name} (tests/suite/main_test.ts, ${runtime})`,
        `    scripts/test unit ${runtime} tests/suite/main_test.ts --filter "${name}"`,
        "0 passed, 1 failed",
      ]);
      const log = logIn(stdout);
      const output = readFileSync(log, "utf8");
      rmSync(dirname(log), { recursive: true });
      assertMatch(output, /expected to fail/);
      assertNotMatch(output, /was not meant/);
    });
  }

  for (const runtime of ["bun", "deno"]) {
    test(`fails with a file that throws on ${runtime} once it has defined tests`, async () => {
      const { code, stdout } = await scriptsTestWith(
        "throw",
        ...[runtime, "suite/main_test.ts", "--filter", "on purpose > passes"],
      );
      assertEquals(code, 1);
      const shown = stdout.split("\n");
      assertEquals(shown.slice(shown.indexOf("failed, and what runs it alone:"), -1), [
        "failed, and what runs it alone:",
        `  an error outside its tests (tests/suite/main_test.ts, ${runtime})`,
        `    scripts/test unit ${runtime} tests/suite/main_test.ts`,
      ]);
      assertMatch(stdout, /^an error outside its tests:\n(?:.*\n){0,9}.*thrown on purpose/m);
      rmSync(dirname(logIn(stdout)), { recursive: true });
    });
  }

  test("refuses a filter and a file that match no test", async () => {
    const filter = await scriptsTest("suite/words_test.ts", "--filter", "no such test");
    assertEquals(filter.code, 2);
    assertMatch(filter.stderr, /--filter "no such test": no test's full name/);
    const file = await scriptsTest("suite/nowhere_test.ts");
    assertEquals([file.code, file.stdout], [2, ""]);
    assertMatch(file.stderr, /"suite\/nowhere_test\.ts": no test is there/);
  });
});

if (process.env[onPurpose] !== undefined) {
  describe("on purpose", () => {
    describe("in a group", () => {
      test("fails", () => fail("expected to fail"));
      test("is left out", () => console.log("it was not meant"));
    });
    test("is left out", () => console.log("it was not meant"));
    test("passes", () => {});
  });
  test("is left out", () => console.log("it was not meant"));
  if (process.env[onPurpose] === "throw") throw new Error("thrown on purpose");
}
