import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Rates } from "../../src/status/rates.ts";

function reading(second: number, counts: Record<string, number>) {
  return { at: second * 1000, counts: new Map(Object.entries(counts)) };
}

test("rates are those of the last ten seconds, of each counter that is known", () => {
  const rates = new Rates();
  assertEquals(rates.of("a"), undefined);
  rates.add(reading(0, { a: 100 }));
  assertEquals(rates.of("a"), undefined);
  rates.add(reading(4, { a: 120, b: 3 }));
  assertEquals([rates.of("a"), rates.of("b")], [5, undefined]);
  for (let second = 5; second <= 14; second++) rates.add(reading(second, { a: 120, b: 3 }));
  assertEquals([rates.of("a"), rates.of("b")], [0, 0]);
});
