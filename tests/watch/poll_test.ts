import { describe, test } from "node:test";
import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { Poll } from "../../src/watch/poll.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { eventually } from "../support/wait.ts";

const intervals = { slow: 10, fast: 5 };

/** A poll that finds these files changed at its first look, and nothing later. */
class Polled implements Disposable {
  looks = 0;
  readonly poll: Poll;

  constructor(found: string[], heard?: () => string | undefined) {
    this.poll = new Poll(() => {
      const directory = heard?.();
      if (directory !== undefined) this.poll.heard(directory);
      return this.looks++ === 0 ? found : [];
    }, intervals);
  }

  /** Resolves when it has looked so many times more. */
  async lookedAgain(times = 3): Promise<void> {
    const enough = this.looks + times;
    await eventually("more looks", () => this.looks >= enough);
  }

  [Symbol.dispose](): void {
    this.poll.close();
  }
}

describe("Poll", () => {
  test("looks again and again, and does not worry where events have told of the changes", async () => {
    using log = new CapturedLog();
    using polled = new Polled(["/srv/a.ts"], () => "/srv");
    await polled.lookedAgain();
    assertFalse(polled.poll.hurried);
    assertEquals(log.messages, []);
  });

  test("does not worry where nothing changes, either", async () => {
    using log = new CapturedLog();
    using polled = new Polled([]);
    await polled.lookedAgain();
    assertEquals([polled.poll.hurried, log.messages.length], [false, 0]);
  });

  test("looks more often, and says so once, where no event tells of a change", async () => {
    using log = new CapturedLog();
    using polled = new Polled(["/srv/a.ts"], () => "/elsewhere");
    await log.logged(
      /^the file system of \/srv does not tell of changes: looking for changes every/,
    );
    await polled.lookedAgain();
    polled.poll.hurry("cannot watch /other");
    await polled.lookedAgain();
    assertEquals([polled.poll.hurried, log.levels], [true, ["warn"]]);
  });

  test("may be told to hurry from the start", async () => {
    using log = new CapturedLog();
    using polled = new Polled([]);
    polled.poll.hurry("cannot watch /srv");
    assertStringIncludes(log.messages[0] ?? "", "cannot watch /srv: looking for changes every");
    await polled.lookedAgain();
  });

  test("ends", async () => {
    const polled = new Polled([]);
    await polled.lookedAgain(1);
    polled.poll.close();
    const { looks } = polled;
    using other = new Polled([]);
    await other.lookedAgain(5);
    assertEquals(polled.looks, looks);
  });
});
