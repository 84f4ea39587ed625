import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { readAppMessage } from "../../src/app/protocol.ts";

describe("readAppMessage", () => {
  test("reads what is Hurricane's", () => {
    const beat = { type: "snapshot", inFlight: 1, answered: 2, loopDelay: 0.5 };
    for (const message of [{ type: "loaded" }, beat]) {
      assertEquals(readAppMessage(message) as unknown, message);
    }
  });

  test("refuses what a handler may send of its own", () => {
    const own = [
      null,
      undefined,
      "loaded",
      7,
      {},
      { type: "constructor" },
      { type: "__proto__" },
      { type: ["loaded"] },
      { type: "snapshot", inFlight: -1, answered: 2, loopDelay: 0.5 },
      { type: "snapshot", inFlight: 1, answered: 2, loopDelay: NaN },
    ];
    for (const message of own) assertEquals(readAppMessage(message), undefined);
  });
});
