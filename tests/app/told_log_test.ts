import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { tellLog, type ToldLine } from "../../src/app/told_log.ts";
import { logger } from "../../src/log.ts";
import { CapturedLog } from "../support/captured_log.ts";

test("what is logged is told as well, but not without an end", () => {
  using captured = new CapturedLog();
  const told: ToldLine[] = [];
  tellLog((line) => told.push(line));
  const { warn } = logger("handler");
  warn("slow: {path}", { path: "/a" });
  const [{ level, part, message, time } = { time: 0 }] = told;
  assertEquals({ level, part, message }, { level: "warn", part: "handler", message: "slow: /a" });
  assert(Math.abs(Date.now() - time) < 60_000);
  warn("{long}", { long: "x".repeat(10_000) });
  assert((told[1]?.message.length ?? 0) < 2100);
  for (let count = 0; count < 10_000; count++) warn("again");
  assertEquals(captured.records.length, 10_002);
  assert(told.length < 5000, `${told.length}`);
});
