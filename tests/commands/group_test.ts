import { assert, assertEquals, assertFalse } from "@std/assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { endGroup } from "../../src/commands/group.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { gone, isRunning, numbersIn } from "./support.ts";

/** No test waits this long: it passes only when there was no need to wait. */
const never = 3_600_000;

/** Starts a group by a shell script that prints its processes' numbers when it is ready. */
async function group(script: string): Promise<{ leader: number; pids: number[] }> {
  const child = spawn("sh", ["-c", script], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = await once(child.stdout, "data");
  child.stdout.destroy();
  assert(child.pid !== undefined);
  return { leader: child.pid, pids: numbersIn(String(line)) };
}

describe("endGroup", () => {
  test("ends all processes of a group by SIGTERM", async () => {
    using log = new CapturedLog();
    const { leader, pids } = await group("sleep 1000 & sleep 1000 & echo $$ $! ; wait");
    assert(pids.every(isRunning));
    await endGroup(leader, never);
    assertEquals(pids.map(isRunning), [false, false]);
    assertEquals(log.records, []);
  });

  test("kills what ignores SIGTERM", async () => {
    using log = new CapturedLog();
    const { leader, pids } = await group("trap '' TERM; sleep 1000 & echo $$ $!; wait");
    await endGroup(leader, 20);
    assertEquals(pids.map(isRunning), [false, false]);
    const text = `process group ${leader} is still there 20 ms after SIGTERM: sending SIGKILL`;
    assertEquals(log.messages, [text]);
  });

  test("kills what ignores SIGTERM when its leader has gone", async () => {
    using _log = new CapturedLog();
    const { leader, pids: [pid = 0] } = await group("(trap '' TERM; exec sleep 1000) & echo $!");
    await gone(leader);
    assert(isRunning(pid));
    await endGroup(leader, 20);
    assertFalse(isRunning(pid));
  });

  test("does nothing where there is no group", async () => {
    const { leader } = await group("echo $$");
    await gone(leader);
    await endGroup(leader, never);
  });
});
