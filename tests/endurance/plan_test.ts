import { describe, test } from "node:test";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { countOf } from "../../scripts/endurance/account.ts";
import { type Kind, kinds, planOf } from "../../scripts/endurance/plan.ts";
import { parseSettings, UsageError } from "../../scripts/endurance/settings.ts";

const all = Object.keys(kinds) as Kind[];
const able = { requestTimeout: true };

/** The first so many plans of a run. */
function plans(seed: number, count: number, abilities = able) {
  return Array.from({ length: count }, (_, id) => planOf(seed, id, all, abilities));
}

describe("a plan", () => {
  test("follows from seed and number", () => {
    assertEquals(plans(1, 50), plans(1, 50));
    assertNotEquals(plans(1, 50), plans(2, 50));
  });

  test("is of each kind as often as it should be", () => {
    const counts = countOf(plans(3, 20_000).map(({ kind }) => kind));
    for (const kind of all) {
      const ratio = (counts.get(kind) ?? 0) / (kinds[kind] * 20);
      assertEquals([kind, ratio > 0.5 && ratio < 2], [kind, true]);
    }
  });

  test("has its number in its path", () => {
    for (const { id, target } of plans(4, 2000)) {
      assertEquals(new URL(target, "http://soak").searchParams.get("id"), `${id}`);
    }
  });

  test("waits for ever only where Hurricane ends that", () => {
    const found = plans(5, 5000, { requestTimeout: false }).map(({ kind }) => kind);
    assertEquals(found.includes("never"), false);
    assertEquals(found.includes("neverLeft"), true);
  });
});

test("settings are read, and what is wrong is told", () => {
  const read = parseSettings([
    "--minutes",
    "2",
    "--form",
    "deno",
    "--seed",
    "7",
    "--kinds",
    "quick",
  ]);
  assertEquals([read.minutes, read.form, read.seed, read.kinds], [2, "deno", 7, ["quick"]]);
  for (
    const words of [
      ["--minutes"],
      ["--minutes", "x"],
      ["--rate", "0"],
      ["--form", "node"],
      ["--kinds", "slow,odd"],
      ["--fast"],
    ]
  ) assertThrows(() => parseSettings(words), UsageError);
});
