import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { hasWords, shown } from "./wait.ts";

test("words are looked for as a pattern, or as they stand", () => {
  assertEquals([/^a.b$/, /b+/, "a.b", "a(b"].map((words) => hasWords("a(b", words)), [
    ...[true, true, false, true],
  ]);
  assertEquals([shown(/a"/), shown('a"')], ['/a"/', '"a\\""']);
});
