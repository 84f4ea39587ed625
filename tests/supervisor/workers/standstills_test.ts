import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import process from "node:process";
import { whatKeepsIt } from "../../../src/supervisor/workers/main_thread.ts";
import { Standstills } from "../../../src/supervisor/workers/standstills.ts";
import { CapturedLog } from "../../support/captured_log.ts";

/** One worker whose silence the test sets, at a time that it sets. */
function watched() {
  const worker = { pid: process.pid, silence: 0 };
  const workers = [worker];
  const clock = { now: 0 };
  const standstills = new Standstills(() => workers, () => clock.now);
  /** One standstill, as it is looked at while it lasts and after it. */
  const stand = (...silences: number[]): void => {
    for (worker.silence of [...silences, 0]) standstills.look();
  };
  return { worker, workers, clock, standstills, stand };
}

describe("the log says of an event loop", () => {
  test("that it stands still, why, and for how long it did", () => {
    using log = new CapturedLog();
    watched().stand(250, 1200, 1700, 2900);
    const [begins = "", ...more] = log.messages;
    assertMatch(
      begins,
      /^the handler's event loop stands still, so far for 1.2s, .*: the handler /,
    );
    assertEquals(more, ["the handler's event loop turns again, after 2.9s"]);
    assertEquals(log.levels, ["warn", "info"]);
  });

  test("nothing where it was silent for a moment", () => {
    using log = new CapturedLog();
    watched().stand(600, 900, 1000);
    assertEquals(log.messages, []);
  });

  test("once a minute that it does so again and again, and how often", () => {
    using log = new CapturedLog();
    const { clock, stand } = watched();
    stand(3000);
    for (clock.now = 10_000; clock.now < 60_000; clock.now += 10_000) stand(2000 + clock.now / 10);
    assertEquals(log.messages.length, 2);
    stand(1500);
    assertMatch(
      log.messages[2] ?? "",
      /; that was so 5 times more since the last line about it, for up to 7s$/,
    );
    assertEquals(log.messages.length, 4);
  });

  test("no end where it was killed", () => {
    using log = new CapturedLog();
    const { worker, workers, standstills } = watched();
    worker.silence = 5000;
    standstills.look();
    workers.pop();
    standstills.look();
    worker.silence = 0;
    workers.push(worker);
    standstills.look();
    assertEquals(log.messages.length, 1);
  });
});

test("what keeps an event loop is told by the state of its thread", () => {
  assertMatch(whatKeepsIt(process.pid, "R"), /computes/);
  for (const state of ["S", "D"]) assertMatch(whatKeepsIt(process.pid, state), /synchronously/);
  for (const state of ["T", "t"]) assertMatch(whatKeepsIt(process.pid, state), /stopped/);
  assertEquals(whatKeepsIt(process.pid, ""), "the handler does not let it turn");
});
