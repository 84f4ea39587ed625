import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { gone } from "../commands/support.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { Receiver } from "../support/receiver.ts";
import { eventually } from "../support/wait.ts";
import { TestService } from "./service_support.ts";

/** Readiness checks that wait, each in a file that says so, until the file "release" exists. */
const slow = `
import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
export const checks = { readiness: { async slow() {
  writeFileSync("FOLDER/checking-" + process.pid, "");
  while (!existsSync("FOLDER/release")) await new Promise((resolve) => setTimeout(resolve, 10));
} } };
export default () => new Response("x");`;

describe("readiness while one of two workers goes", () => {
  const ways: Record<string, (it: TestService, pid: number) => void> = {
    "is killed": (_it, pid) => void process.kill(pid, "SIGKILL"),
    "is replaced": ({ service }) => void service.renew(),
  };
  for (const [name, go] of Object.entries(ways)) {
    test(`is what those say that serve: it ${name} during its check`, async () => {
      using _log = new CapturedLog();
      await using receiver = await Receiver.open();
      const options = { workers: 2, checkTimeout: 3_600_000, webhookUrl: receiver.url() };
      await using it = await TestService.process(slow, options).started();
      const pids = it.service.workers.map(({ pid }) => pid);
      const answered = it.probe("/ready");
      await eventually("both to check", () => {
        return pids.every((pid) => existsSync(join(it.dir.path, `checking-${pid}`)));
      });
      go(it, pids[0]!);
      await gone(pids[0]!);
      it.dir.file("release", "");
      assertEquals((await answered)[0], 200);
      assertEquals(await receiver.states(2), ["startup succeeded", "readiness succeeded"]);
    });
  }
});
