import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import type { ConsumeMessage } from "amqplib";
import { outcomeOf } from "../../src/amqp/outcome.ts";
import { publishedAgain, retriesOf, retryQueueName, retryQueues } from "../../src/amqp/retry.ts";

function message(
  headers: Record<string, unknown>,
  properties: Record<string, unknown> = {},
): ConsumeMessage {
  return {
    content: Buffer.from(""),
    fields: { exchange: "ex", routingKey: "a.b", redelivered: false },
    properties: { headers, ...properties },
  } as ConsumeMessage;
}

test("an answer's status decides", () => {
  const outcomes = [200, 204, 299, 302, 400, 404, 408, 413, 422, 425, 429, 500, 503, 599]
    .map((status) => `${status} ${outcomeOf(status)}`);
  assertEquals(outcomes, [
    ...["200 acknowledged", "204 acknowledged", "299 acknowledged"],
    ...["302 rejected", "400 rejected", "404 rejected", "408 retried", "413 rejected"],
    ...["422 rejected", "425 retried", "429 retried", "500 retried", "503 retried", "599 retried"],
  ]);
});

describe("a message that is tried again", () => {
  test("waits longer each time, up to a limit", () => {
    const names = [1, 2, 3, 4, 5, 6, 100].map((retry) => retryQueueName("q", retry));
    const longest = "q.hurricane-retry.256s";
    assertEquals(names, [
      ...["q.hurricane-retry.1s", "q.hurricane-retry.4s", "q.hurricane-retry.16s"],
      ...["q.hurricane-retry.64s", longest, longest, longest],
    ]);
  });

  test("finds each queue that it may have to wait in, and nobody makes more", () => {
    for (const retries of [0, 1, 3, 5, 6, 50]) {
      const made = retryQueues("q", retries).map(({ name }) => name);
      const needed = Array.from({ length: retries }, (_, index) => retryQueueName("q", index + 1));
      assertEquals(made, [...new Set(needed)]);
    }
    assertEquals(
      retryQueues("q", 2).map(({ options }) => options.arguments["x-message-ttl"]),
      [1000, 4000],
    );
  });

  test("counts its tries, with those that a quorum queue has counted", () => {
    assertEquals(retriesOf(message({})), 0);
    assertEquals(retriesOf(message({ "x-hurricane-retries": 2, "x-delivery-count": 3 })), 5);
    assertEquals(retriesOf(message({ "x-hurricane-retries": "2", "x-delivery-count": -1 })), 0);
  });

  test("keeps what it came with, but for what would send it elsewhere or too early", () => {
    const given = message(
      {
        "mine": 1,
        "CC": ["x"],
        "BCC": ["y"],
        "x-delivery-count": 2,
        "x-death": [{ queue: "q.hurricane-retry.1s" }, { queue: "other" }],
        "x-first-death-queue": "q.hurricane-retry.1s",
        "x-first-death-reason": "expired",
        "x-first-death-exchange": "",
      },
      { messageId: "m", replyTo: "r", priority: 4, expiration: "5", userId: "u", clusterId: "c" },
    );
    assertEquals(publishedAgain({ queue: "q" }, given, 3), {
      mandatory: true,
      messageId: "m",
      replyTo: "r",
      priority: 4,
      headers: {
        "mine": 1,
        "x-death": [{ queue: "other" }],
        "x-hurricane-retries": 3,
        "x-hurricane-exchange": "ex",
        "x-hurricane-routing-key": "a.b",
      },
    });
  });

  test("remembers where it was published to first", () => {
    const again = message({ "x-hurricane-exchange": "first", "x-hurricane-routing-key": "k" });
    const { headers } = publishedAgain({ queue: "q" }, again, 1);
    assertEquals([headers["x-hurricane-exchange"], headers["x-hurricane-routing-key"]], [
      ...["first", "k"],
    ]);
  });
});
