import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { contender } from "../../scripts/benchmark/contenders.ts";
import { again, cellName, type Price } from "../../scripts/benchmark/price_data.ts";
import { quartilesApart, reportPrice } from "../../scripts/benchmark/price_report.ts";
import type { Outcome } from "../../scripts/benchmark/rounds.ts";
import { plainText } from "../../scripts/benchmark/scenarios.ts";

function outcomes(costs: Record<string, number[]>): Map<string, Outcome<Price>> {
  return new Map(
    Object.entries(costs).map(([name, values]) => [
      cellName(plainText, name),
      { values: values.map((cost) => ({ cost })) },
    ]),
  );
}

describe("the price of a request", () => {
  const own = [10, 12, 16, 11, 13];

  test("is given beside what the bare runtime is of itself, by median and least", () => {
    const bare = { bun: [9, 9, 9, 9, 6], "bun-again": [10, 9, 9, 9, 8] };
    const { markdown, unfit } = reportPrice(outcomes({ hurricane: own, ...bare }), [plainText]);
    assertEquals(unfit, undefined);
    assertMatch(
      markdown,
      /\| plain text: Hurricane, executable \| 0\.75 \| 1\.00 \| 0\.60 \| 0\.75 \| 12 \| 9 \|/,
    );
  });

  test("is not published where the quartiles of a bare runtime are more than 5 % apart", () => {
    const fit = [100, 101, 102, 103, 105];
    assertEquals(reportPrice(outcomes({ bun: fit, deno: fit }), [plainText]).unfit, undefined);
    const restless = outcomes({ bun: fit, deno: [100, 100, 102, 107, 107] });
    const { unfit } = reportPrice(restless, [plainText]);
    assertMatch(unfit ?? "", /more than 5\.0 % apart \(plain text on bare Deno\.serve: 6\.9 %\)/);
  });

  test("takes a bare runtime for another contender of the same command", () => {
    const twice = again(contender("deno"));
    assert(twice.name !== "deno" && twice.command === contender("deno").command);
    assertEquals(twice.bare, "deno");
  });
});

test("quartiles are apart by a part of the median", () => {
  assertEquals(quartilesApart([1, 2, 4, 6, 8]), 1);
  assertEquals(quartilesApart([]), undefined);
});
