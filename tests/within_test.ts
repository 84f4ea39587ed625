import { describe, test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import process from "node:process";
import { expired, within } from "../src/within.ts";
import { pause } from "./support/wait.ts";

/** Passes only when there was no need to wait. */
const never = 3_600_000;

describe("within", () => {
  const settled: Record<string, unknown> = { "a value": 7, "nothing": undefined };
  for (const [name, value] of Object.entries(settled)) {
    test(`resolves with ${name}`, async () => {
      assertEquals(await within(never, Promise.resolve(value)), value);
      // A promise that has settled wins against no time at all.
      assertEquals(await within(0, Promise.resolve(value)), value);
    });
  }

  test("rejects as the promise does", async () => {
    const error = new RangeError("too far");
    assertEquals(await assertRejects(() => within(never, Promise.reject(error))), error);
  });

  test("resolves with expired when time is up", async () => {
    assertEquals(await within(1, new Promise(() => {})), expired);
  });

  test("a rejection that comes later is not unhandled", async () => {
    const unhandled: unknown[] = [];
    const listen = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", listen);
    try {
      const late = Promise.withResolvers<void>();
      assertEquals(await within(1, late.promise), expired);
      late.reject(new Error("late"));
      await pause(10);
      assertEquals(unhandled, []);
    } finally {
      process.off("unhandledRejection", listen);
    }
  });
});
