import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import type { ConsumeMessage } from "amqplib";
import { headersOf } from "../../src/amqp/headers.ts";

/** The header of the request that a header of a message becomes. */
function shown(value: unknown): string | undefined {
  return made({ v: value })["amqp-header-v"];
}

function made(headers: Record<string, unknown>): Record<string, string> {
  return headersOf("q", {
    content: Buffer.from(""),
    fields: { exchange: "ex", routingKey: "a.b", redelivered: false },
    properties: { headers },
  } as unknown as ConsumeMessage);
}

describe("a header of a message is one of the request", () => {
  test("whatever its type is", () => {
    const decimal = (places: number, digits: number) =>
      shown({ "!": "decimal", value: { places, digits } });
    assertEquals(decimal(2, 1234), "12.34");
    assertEquals(decimal(3, -5), "-0.005");
    assertEquals(decimal(0, 7), "7");
    assertEquals(shown({ "!": "timestamp", value: 1_700_000_000 }), "2023-11-14T22:13:20.000Z");
    assertEquals(shown(Buffer.from([1, 2, 255])), "AQL/");
    assertEquals(shown([1, "a", { x: null }]), '[1,"a",{"x":null}]');
    const time = { "!": "timestamp", value: 0 };
    assertEquals(shown([{ time, "!": 1 }]), '[{"time":"1970-01-01T00:00:00.000Z","!":1}]');
    assertEquals([shown(true), shown(1.5), shown("")], ["true", "1.5", ""]);
    assertEquals(shown(null), undefined);
  });

  test("also a time that no calendar has", () => {
    const nanoseconds = 1_700_000_000_000_000_000;
    assertEquals(shown({ "!": "timestamp", value: nanoseconds }), "1700000000000000000");
  });

  test("whatever its name and its text are, and it adds none of others", () => {
    const { "amqp-header-a%20b%0D%0A": first, ...rest } = made({ "A b\r\n": "x\r\nhost: y\u0000" });
    assertEquals(first, "x%0D%0Ahost: y%00");
    assertEquals(Object.keys(rest), [
      ...["user-agent", "amqp-queue", "amqp-exchange", "amqp-routing-key", "amqp-redelivered"],
      "amqp-retries",
    ]);
    assertEquals(made({ "__proto__x": 1, "content-length": 5 })["content-length"], undefined);
  });

  test("without what Hurricane has added, and what the broker has because the message waited", () => {
    const deaths = [
      { queue: "q.hurricane-retry.1s", reason: "expired" },
      { queue: "others", reason: "rejected" },
    ];
    const headers = made({
      "x-hurricane-retries": 2,
      "x-hurricane-exchange": "first",
      "x-hurricane-routing-key": "k",
      "x-delivery-count": 1,
      "x-death": deaths,
    });
    assertEquals(headers["amqp-header-x-death"], JSON.stringify(deaths.slice(1)));
    assertEquals(headers["amqp-retries"], "3");
    assertEquals([headers["amqp-exchange"], headers["amqp-routing-key"]], ["first", "k"]);
    assertEquals(Object.keys(headers).filter((name) => name.startsWith("amqp-header-")), [
      "amqp-header-x-death",
    ]);
  });
});
