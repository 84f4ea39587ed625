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

  test("is given set by set, beside what the bare runtime is of itself, and at its least", () => {
    const bare = { bun: [9, 9, 16, 9, 6], "bun-again": [9, 9, 16, 9, 8] };
    const { markdown, unfit } = reportPrice(outcomes({ hurricane: own, ...bare }), [plainText]);
    assertEquals(unfit, undefined);
    assertMatch(
      markdown,
      /executable \| 0\.82 \(0\.75–0\.90\) \| 1\.00 \(1\.00–1\.00\) \| 0\.60 \| 0\.75 \| 12 \| 9 \|/,
    );
  });

  test("is not published where a bare runtime is not itself, whatever the machine did to both", () => {
    const bare = { bun: [100, 160, 100, 130, 100], "bun-again": [101, 160, 99, 130, 101] };
    assertEquals(reportPrice(outcomes(bare), [plainText]).unfit, undefined);
    const deno = { deno: [100, 160, 100, 130, 100], "deno-again": [100, 149, 90, 140, 100] };
    const { unfit } = reportPrice(outcomes({ ...bare, ...deno }), [plainText]);
    assertMatch(
      unfit ?? "",
      /more than 5\.0 % apart \(plain text on bare Deno\.serve: 7\.4 %\)/,
    );
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
