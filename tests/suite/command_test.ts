import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execute } from "../../scripts/suite/command.ts";
import { gone, numbersIn } from "../commands/support.ts";
import { TempDir } from "../support/temp_dir.ts";

/** No test waits this long. */
const never = 3_600_000;

/** Runs a script of the shell; gives what came of it, and what is in the log. */
async function shell(script: string, limits: { silence?: number; leftBehind?: number } = {}) {
  using dir = new TempDir();
  const log = join(dir.path, "log");
  const ended = await execute(["sh", "-c", script], {
    cwd: dir.path,
    env: { GREETING: "hello" },
    log,
    limits: { silence: never, leftBehind: never, ...limits },
  });
  return { ...ended, logged: existsSync(log) ? readFileSync(log, "utf8") : "" };
}

describe("a command", () => {
  test("has both streams in its output and in its log", async () => {
    const { ok, output, logged } = await shell("echo $GREETING; echo you >&2");
    assertEquals([ok, output.split("\n").sort()], [true, ["", "hello", "you"]]);
    assertEquals(logged, output);
  });

  test("is not well where it exits with something else than 0, or is killed", async () => {
    assertEquals([(await shell("exit 3")).ok, (await shell("kill -9 $$")).ok], [false, false]);
  });

  test("that cannot be started says why", async () => {
    using dir = new TempDir();
    const { ok, output } = await execute(["no-such-program"], {
      cwd: dir.path,
      log: join(dir.path, "log"),
    });
    assertFalse(ok);
    assertMatch(output, /no-such-program/);
  });

  test("that says nothing is stopped, with what it has started", async () => {
    const { ok, output } = await shell("sleep 1000 & echo $!; wait", { silence: 1000 });
    assertFalse(ok);
    assertStringIncludes(output, "stopped: it has written nothing for 1 s");
    const [pid = 0] = numbersIn(output);
    await gone(pid);
  });

  test("that leaves something behind is not waited for without an end", async () => {
    const { ok, output } = await shell("sleep 1000 & echo $!", { leftBehind: 100 });
    assertFalse(ok);
    assertStringIncludes(output, "left processes behind");
    const [pid = 0] = numbersIn(output);
    await gone(pid);
  });
});
