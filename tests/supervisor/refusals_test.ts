import { afterEach, describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { Refusals } from "../../src/supervisor/refusals.ts";
import { CapturedLog } from "../support/captured_log.ts";

let opened: Refusals | undefined;
afterEach(() => opened?.close());

/** Counts and a clock that the test moves. */
function refusing() {
  const counts = { inflight: 7, wait: 0 };
  const clock = { now: 0 };
  const options = { maxInflight: 20, maxWait: 100 };
  const refusals = opened = new Refusals(() => counts, options, () => clock.now);
  /** So many more have been refused a second later. */
  const second = (more: Partial<typeof counts>): void => {
    counts.inflight += more.inflight ?? 0;
    counts.wait += more.wait ?? 0;
    clock.now += 1000;
    refusals.look();
  };
  return { second };
}

const inflight = "20 are in the handler, the most that --max-inflight lets in";
const wait = "the event loop is so busy that they have waited for longer than 0.1s (--max-wait)";

describe("the log says of requests that are refused", () => {
  test("that they are, and why, once", () => {
    using log = new CapturedLog();
    const { second } = refusing();
    second({});
    assertEquals(log.messages, []);
    second({ inflight: 3 });
    second({ inflight: 3, wait: 1 });
    assertEquals(log.messages, [
      `requests are refused with 503: ${inflight}`,
      `requests are refused with 503: ${wait}`,
    ]);
    assertEquals(log.levels, ["warn", "warn"]);
  });

  test("how many, each minute while it goes on, and when it is over", () => {
    using log = new CapturedLog();
    const { second } = refusing();
    for (let seconds = 0; seconds < 122; seconds++) second({ wait: 10 });
    for (let seconds = 0; seconds < 59; seconds++) second({});
    assertEquals(log.messages.slice(1), [
      `requests are still refused with 503, 600 in the last 1m 0s: ${wait}`,
      `requests are still refused with 503, 600 in the last 1m 0s: ${wait}`,
      `requests are still refused with 503, 10 in the last 1m 0s: ${wait}`,
    ]);
    second({});
    assertEquals(log.messages.slice(4), [
      "no request is refused any more, after 1220 in 2m 1s",
    ]);
    second({ wait: 1 });
    assertEquals(log.messages.at(-1), `requests are refused with 503: ${wait}`);
  });
});
