import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { elapsed } from "../src/elapsed.ts";

test("elapsed is a time for people", () => {
  const times: Record<string, number> = {
    "0s": 0,
    "0.25s": 250,
    "1s": 1000,
    "12.3s": 12_345,
    "59.9s": 59_940,
    "1m 0s": 59_990,
    "3m 20s": 200_000,
    "2h 5m": 7_530_000,
  };
  const told = Object.values(times).map(elapsed);
  assertEquals(told, Object.keys(times));
});
