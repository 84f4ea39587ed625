import { hostname } from "node:os";
import { describe, test } from "node:test";
import {
  assertEquals,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { Webhook } from "standardwebhooks";
import { version } from "../../src/version.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { type Answer, hang, type Receiver, statuses } from "./receiver.ts";
import { numbered, numbers, setUp, started, withReceivers } from "./set_up.ts";

describe("Webhooks", () => {
  test("refuses wrong options", () => {
    assertThrows(() => setUp(["ops/hook"]), Error, "webhook URL ops/hook");
    assertThrows(() => setUp([], { webhookSecret: "short" }), Error, "webhook secret");
  });

  test("does nothing where there is no URL", async () => {
    const { webhooks, outcomes } = setUp([]);
    webhooks.send(started);
    assertEquals(await webhooks.flush(), 0);
    assertEquals(await webhooks.flush(0), 0);
    assertEquals(outcomes, []);
  });

  test("sends the payload, signed, with the time of the event", async () => {
    await withReceivers([statuses(503, 204)], async (receiver) => {
      const secret = `whsec_${btoa("a key that is long enough")}`;
      const { webhooks, outcomes } = setUp([receiver.url], { webhookSecret: secret });
      const before = Date.now();
      webhooks.send({ status: "failed", type: "liveness", errorTrace: "why" });
      const afterwards = Date.now();
      assertEquals(await webhooks.flush(), 0);
      assertEquals(outcomes, [["liveness", "delivered"]]);
      assertEquals(receiver.requests.length, 2);
      for (const { body, headers } of receiver.requests) {
        assertMatch(headers["webhook-id"] ?? "", /^msg_[0-9a-f-]{36}$/);
        const payload = new Webhook(secret).verify(body, headers) as Record<string, string>;
        const timestamp = payload["timestamp"] ?? "";
        assertLessOrEqual(before, Date.parse(timestamp));
        assertLessOrEqual(Date.parse(timestamp), afterwards);
        const expected = { type: "liveness", error_trace: "why", hostname: hostname(), version };
        assertEquals(payload, { status: "failed", timestamp, ...expected });
      }
    });
  });

  test("knows of each receiver what is the matter, until something arrives", async () => {
    await withReceivers([statuses(404, 204), statuses(204)], async (bad, good) => {
      const { webhooks } = setUp([bad.url, good.url]);
      const troubles = () => webhooks.receivers.map(({ trouble }) => trouble?.reason);
      webhooks.send(numbered(1));
      await webhooks.flush();
      assertEquals(troubles(), ["answered 404", undefined]);
      webhooks.send(numbered(2));
      await webhooks.flush();
      assertEquals(troubles(), [undefined, undefined]);
    });
  });

  test("sends an event with the same id to all URLs, and each event with its own", async () => {
    await withReceivers([statuses(204), statuses(503, 204)], async (one, two) => {
      const { webhooks } = setUp([one.url, two.url]);
      webhooks.send(numbered(1));
      webhooks.send(numbered(2));
      await webhooks.flush();
      const ids = (receiver: Receiver) =>
        receiver.requests.map(({ headers }) => headers["webhook-id"]);
      const [first, second] = ids(one);
      assertNotEquals(first, second);
      assertEquals(ids(one), [first, second]);
      assertEquals(ids(two), [first, first, second]);
    });
  });

  test("keeps the order across retries, one at a time", async () => {
    let open = 0;
    const most: number[] = [];
    const answer: Answer = (response, index) => {
      most.push(++open);
      // Two failures before each success. The pause is for a second delivery to slip in.
      setTimeout(() => {
        open--;
        response.writeHead(index % 3 === 2 ? 204 : 503).end();
      }, 5);
    };
    await withReceivers([answer], async (receiver) => {
      const { webhooks, outcomes } = setUp([receiver.url]);
      for (const number of [1, 2, 3, 4]) webhooks.send(numbered(number));
      assertEquals(await webhooks.flush(), 0);
      assertEquals(numbers(receiver), [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
      assertEquals(Math.max(...most), 1);
      assertEquals(outcomes, Array(4).fill(["readiness", "delivered"]));
    });
  });

  test("goes on with the next one after it has given up", async () => {
    await withReceivers([statuses(400, 204)], async (receiver) => {
      const { webhooks, outcomes } = setUp([receiver.url]);
      webhooks.send(numbered(1));
      webhooks.send(numbered(2));
      await webhooks.flush();
      assertEquals(numbers(receiver), [1, 2]);
      assertEquals(outcomes, [["readiness", "failed"], ["readiness", "delivered"]]);
    });
  });

  test("serves a URL while another hangs", async () => {
    await withReceivers([hang, statuses(204)], async (hanging, healthy) => {
      const { webhooks, outcomes } = setUp([hanging.url, healthy.url]);
      for (const number of [1, 2, 3]) webhooks.send(numbered(number));
      await Promise.all([hanging.arrived(1), healthy.arrived(3)]);
      assertEquals(numbers(hanging), [1]);
      assertEquals(numbers(healthy), [1, 2, 3]);
      assertEquals(await webhooks.flush(100), 3);
      assertEquals(outcomes.filter(([, outcome]) => outcome === "delivered").length, 3);
      assertEquals(outcomes.filter(([, outcome]) => outcome === "dropped").length, 3);
    });
  });

  test("drops the oldest that waits when a hundred are pending, and says so", async () => {
    using log = new CapturedLog();
    const released = Promise.withResolvers<void>();
    const answer: Answer = async (response) => {
      await released.promise;
      response.writeHead(204).end();
    };
    await withReceivers([answer], async (receiver) => {
      const { webhooks, outcomes } = setUp([receiver.url]);
      for (let number = 1; number <= 100; number++) webhooks.send(numbered(number));
      assertEquals(outcomes, []);
      for (let number = 101; number <= 103; number++) webhooks.send(numbered(number));
      assertEquals(outcomes, Array(3).fill(["readiness", "dropped"]));
      assertEquals(log.levels, ["error", "error", "error"]);
      released.resolve();
      assertEquals(await webhooks.flush(), 0);
      // The first was under way. Two to four gave way to the last three.
      const kept = Array.from({ length: 99 }, (_, index) => index + 5);
      assertEquals(numbers(receiver), [1, ...kept]);
      assertEquals(outcomes.length, 103);
    });
  });
});
