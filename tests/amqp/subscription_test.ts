import { describe, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { parseSubscription } from "../../src/amqp/subscription.ts";
import { connectUrl, isBrokerUrl, redactBroker } from "../../src/amqp/url.ts";

describe("a queue and its path", () => {
  test("are read", () => {
    const read: Record<string, [queue: string, path: string]> = {
      "jobs": ["jobs", "/jobs"],
      "jobs=/work": ["jobs", "/work"],
      "a=b=/c/d": ["a=b", "/c/d"],
      "a=b": ["a=b", "/a%3Db"],
      "a b/c": ["a b/c", "/a%20b%2Fc"],
      "jobs=/": ["jobs", "/"],
    };
    for (const [text, [queue, path]] of Object.entries(read)) {
      assertEquals(parseSubscription(text), { queue, path });
    }
  });

  test("are refused where no broker or no request could have them", () => {
    for (const text of ["", "=/path", "a".repeat(256), "\u00e9".repeat(128)]) {
      assertThrows(() => parseSubscription(text), Error, "1 to 234 bytes");
    }
    for (const path of ["/a b", "/a?b", "/a#b", "/a/../b"]) {
      assertThrows(() => parseSubscription(`jobs=${path}`), Error, `the path ${path}`);
    }
  });
});

describe("a broker's URL", () => {
  test("is one of AMQP", () => {
    assertEquals(["amqp://a", "amqps://u:p@a:1/v"].map(isBrokerUrl), [true, true]);
    assertEquals(["http://a", "a", "amqp:", "amqp:///v"].map(isBrokerUrl), [
      ...[false, false, false, false],
    ]);
  });

  test("is connected to with a heartbeat, and the virtual host that it names", () => {
    assertEquals(connectUrl("amqp://a"), "amqp://a?heartbeat=10");
    assertEquals(connectUrl("amqp://a/"), "amqp://a?heartbeat=10");
    assertEquals(connectUrl("amqp://u:p@a/v?heartbeat=3"), "amqp://u:p@a/v?heartbeat=3");
    assertEquals(connectUrl("amqp://a/%2F"), "amqp://a/%2F?heartbeat=10");
  });

  test("is shown without what is secret", () => {
    assertEquals(redactBroker("amqp://u:p@a:1/v?x=secret"), "amqp://***@a:1/v");
    assertEquals(redactBroker("amqp://a"), "amqp://a");
    assertEquals(redactBroker("u:p@a"), "***@a");
    assertEquals(redactBroker("http://a"), "http://a");
  });
});
