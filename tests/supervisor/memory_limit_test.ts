import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { memoryWarnings } from "../../src/supervisor/memory_limit.ts";
import { TempDir } from "../support/temp_dir.ts";

const mb = 2 ** 20;

/** What is said with these files in the cgroup. */
function warnings(
  files: Record<string, string>,
  options: { workers?: number; maxMemory?: number; autoreload?: boolean } = {},
): string {
  using dir = new TempDir();
  for (const [name, text] of Object.entries(files)) dir.file(name, `${text}\n`);
  return memoryWarnings({ workers: 1, autoreload: false, ...options }, dir.path).join("\n");
}

describe("the memory of a container", () => {
  const killsAll = { "memory.max": String(512 * mb), "memory.oom.group": "1" };
  const killsOne = { "memory.max": String(512 * mb), "memory.oom.group": "0" };
  const version1 = { "memory/memory.limit_in_bytes": String(512 * mb) };

  const silent: Record<string, [Record<string, string>, object?]> = {
    "without cgroups": [{}],
    "without a limit": [{ "memory.max": "max", "memory.oom.group": "1" }],
    "without a limit, version 1": [{ "memory/memory.limit_in_bytes": "9223372036854771712" }],
    "where one process is killed, and another one follows": [killsOne],
    "where there is room": [killsAll, { maxMemory: 224 * mb }],
    "in development": [killsAll, { autoreload: true }],
  };
  for (const [name, [files, options]] of Object.entries(silent)) {
    test(`is of no concern ${name}`, () => {
      assertEquals(warnings(files, options), "");
    });
  }

  test("wants --max-memory where all processes are killed", () => {
    assertMatch(warnings(killsAll), /limited to 512mb, .*kills all of its processes.*--max-memory/);
  });

  const close: Record<string, [Record<string, string>, string]> = {
    "all processes are killed": [killsAll, "all of its processes"],
    "one process is killed": [killsOne, "one of its processes"],
    "cgroups are of version 1": [version1, "one of its processes"],
  };
  for (const [name, [files, whom]] of Object.entries(close)) {
    test(`is too small for --max-memory: ${name}`, () => {
      const said = warnings(files, { maxMemory: 225 * mb });
      assertMatch(said, new RegExp(`limited to 512mb, and 2 processes .* 514mb;.*${whom}`));
      // Each worker counts.
      assertMatch(warnings(files, { maxMemory: 150 * mb, workers: 2 }), /and 3 processes .* 514mb/);
    });
  }
});
