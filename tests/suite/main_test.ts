import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownEnvironment } from "../support/processes.ts";
import { run } from "../support/program.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

function scriptsTest(...args: string[]) {
  const env = ownEnvironment() as Record<string, string>;
  return run({ file: join(root, "scripts/test"), args, cwd: join(root, "tests"), env });
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

  test("refuses a filter and a file that match no test", async () => {
    const filter = await scriptsTest("suite/words_test.ts", "--filter", "no such test");
    assertEquals(filter.code, 2);
    assertMatch(filter.stderr, /--filter "no such test": no test's full name/);
    const file = await scriptsTest("suite/nowhere_test.ts");
    assertEquals([file.code, file.stdout], [2, ""]);
    assertMatch(file.stderr, /"suite\/nowhere_test\.ts": no test is there/);
  });
});
