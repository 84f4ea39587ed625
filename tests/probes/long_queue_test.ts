import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { LongQueue } from "../../src/probes/long_queue.ts";
import { CapturedLog } from "../support/captured_log.ts";

const tooLong = { length: 120, limit: 100, kernel: 0 };

/** Looks once in 0.6 s at a queue that stays too long, while its processes use so much of a CPU each. */
function look(share: number | undefined, { processes = 2, loopDelay = 0.001, kernel = 0 } = {}) {
  let now = 0;
  const queue = new LongQueue(
    () => share === undefined ? undefined : share * now / 1000,
    () => now,
  );
  const workers = Array.from({ length: processes }, (_, index) => ({
    pid: 100 + index,
    silence: 0,
    snapshot: { loopDelay },
  }));
  return (times: number): void => {
    for (let time = 0; time < times; time++) {
      queue.seen({ ...tooLong, kernel }, workers);
      now += 600;
    }
  };
}

describe("of a queue that is too long the log says", () => {
  test("nothing before it has been looked at for a second", () => {
    using log = new CapturedLog();
    look(0)(2);
    assertEquals(log.messages, []);
  });

  test("that its requests merely await something, once", () => {
    using log = new CapturedLog();
    look(0.1)(20);
    assertEquals(log.levels, ["warn"]);
    assertMatch(log.messages[0] ?? "", /^request queue length 120 exceeds .* only await something/);
  });

  test("that they want more of the processor than there is, however free the loop seems, once", () => {
    using log = new CapturedLog();
    look(0.98)(20);
    assertEquals(log.levels, ["warn"]);
    assertMatch(
      log.messages[0] ?? "",
      /exceeds --req-queue-len 100, and the handler is busy \(each of its processes wants 98 % /,
    );
  });

  test("nothing where it is neither, where the loop is late, or where the system does not tell", () => {
    using log = new CapturedLog();
    look(0.4)(20);
    look(0.1, { loopDelay: 0.5 })(20);
    look(0.1, { kernel: 3 })(20);
    look(undefined)(20);
    assertEquals(log.messages, []);
  });

  test("nothing where it is too long for moments only", () => {
    using log = new CapturedLog();
    let now = 0;
    const queue = new LongQueue(() => 0, () => now);
    const workers = [{ pid: 1, silence: 0, snapshot: { loopDelay: 0 } }];
    for (let time = 0; time < 20; time++) {
      queue.seen(tooLong, workers);
      queue.over();
      now += 600;
    }
    assert(now > 10_000);
    assertEquals(log.messages, []);
  });
});
