import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { inWords, wholeSeconds } from "../../src/manifest/time.ts";

test("seconds are rounded up", () => {
  assertEquals([0, 1, 999, 1000, 1001].map(wholeSeconds), [0, 1, 1, 1, 2]);
});

test("a duration is said in the largest unit that needs no fraction", () => {
  const said = [0, 900, 1500, 5000, 60_000, 90_000, 600_000].map(inWords);
  assertEquals(said, ["0s", "900ms", "1500ms", "5s", "1m", "90s", "10m"]);
});
