import { describe, test } from "node:test";
import {
  assert,
  assertArrayIncludes,
  assertEquals,
  AssertionError,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";

describe("@std/assert", () => {
  const failing: Record<string, () => unknown> = {
    "assert": () => assert(0),
    "assertEquals": () => assertEquals<unknown>({ a: 1 }, { a: "1" }),
    "assertStringIncludes": () => assertStringIncludes("abc", "d"),
    "assertMatch": () => assertMatch("abc", /d/),
    "assertArrayIncludes": () => assertArrayIncludes([{ a: 1 }], [{ a: 2 }]),
    "assertThrows, nothing thrown": () => assertThrows(() => {}),
    "assertThrows, another class": () =>
      assertThrows(() => {
        throw new Error("x");
      }, TypeError),
    "assertThrows, another message": () =>
      assertThrows(
        () => {
          throw new Error("x");
        },
        Error,
        "y",
      ),
  };
  for (const [name, fn] of Object.entries(failing)) {
    test(`${name} fails`, () => {
      assertThrows(fn, AssertionError);
    });
  }

  test("assertRejects returns the reason, or fails", async () => {
    const error = await assertRejects(() => Promise.reject(new RangeError("too far")), RangeError);
    assertEquals(error.message, "too far");
    await assertRejects(() => assertRejects(() => Promise.resolve()), AssertionError);
    assertArrayIncludes([{ a: 1 }, { a: 2 }], [{ a: 2 }]);
  });
});
