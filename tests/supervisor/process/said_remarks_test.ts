import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import type { Remark } from "../../../src/app/remarks.ts";
import { SaidRemarks } from "../../../src/supervisor/process/said_remarks.ts";
import { CapturedLog } from "../../support/captured_log.ts";

const remark = (port: number): Remark => ({
  level: "warn",
  message: "the handler's {given} gives way to {flag}",
  properties: { given: `port ${port}`, flag: "--port" },
});

describe("what processes tell of one handler", () => {
  test("is said once, and each service says it", () => {
    using log = new CapturedLog();
    const remarks = new SaidRemarks();
    for (const port of [1, 1, 2, 1]) remarks.say(remark(port));
    new SaidRemarks().say(remark(1));
    assertEquals(log.messages, [
      "the handler's port 1 gives way to --port",
      "the handler's port 2 gives way to --port",
      "the handler's port 1 gives way to --port",
    ]);
    assertEquals(log.levels, ["warn", "warn", "warn"]);
  });

  test("does not fill log and memory", () => {
    using log = new CapturedLog();
    const remarks = new SaidRemarks();
    for (let port = 0; port < 1000; port++) remarks.say(remark(port));
    assertEquals(log.messages.length, 100);
  });
});
