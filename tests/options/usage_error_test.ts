import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { quote, UsageError } from "../../src/options/usage_error.ts";

test("a usage error has one line", () => {
  assertEquals(new UsageError("a \r\n  b\nc").message, "a b c");
  assertEquals(new UsageError("a").name, "UsageError");
});

test("a quoted value is one line, and not too long", () => {
  assertEquals(quote('a"\n\x1b'), '"a\\"\\n\\u001b"');
  assertEquals(quote("x".repeat(81)), `"${"x".repeat(80)}…"`);
  assertEquals(quote(5), "5");
  assertEquals(quote(undefined), "undefined");
  assertEquals(quote({ a: { b: 1 }, c: "d\ne" }).includes("\n"), false);
});
