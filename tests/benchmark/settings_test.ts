import { describe, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { parseSettings, UsageError, wanted } from "../../scripts/benchmark/settings.ts";

describe("parseSettings", () => {
  test("measures everything in five rounds unless it is told otherwise", () => {
    assertEquals(parseSettings([]), {
      parts: [
        "throughput",
        "price",
        "probes",
        "cost",
        "growth",
        "scrape",
        "overload",
        "crowd",
        "adaptive",
        "micro",
      ],
      rounds: 5,
      duration: 2,
      quick: false,
      only: [],
    });
  });

  test("takes parts in the order in which they run, and the options", () => {
    const args = [
      "micro",
      "probes",
      "--quick",
      "--duration",
      "2",
      "--only",
      "bun",
      "--only",
      "text",
    ];
    assertEquals(parseSettings(args), {
      parts: ["probes", "micro"],
      rounds: 2,
      duration: 2,
      quick: true,
      only: ["bun", "text"],
    });
  });

  const wrong: Record<string, string> = {
    "--fast": "--fast: give throughput, price, probes",
    "--rounds": "--rounds : give a whole number from 1 to 100",
    "--rounds 0": "--rounds 0: give",
    "--duration 11": "--duration 11: give a whole number from 1 to 10",
    "--only nginx": "--only nginx: give one of hurricane, ",
  };
  for (const [args, message] of Object.entries(wrong)) {
    test(`refuses "${args}"`, () => {
      assertThrows(() => parseSettings(args.split(" ")), UsageError, message);
    });
  }
});

describe("wanted", () => {
  const things = [{ name: "bun" }, { name: "deno" }];
  const settings = (only: string[]) => ({ ...parseSettings([]), only });

  test("is what --only names, or everything where it names none of them", () => {
    assertEquals(wanted(settings(["deno", "text"]), things), [{ name: "deno" }]);
    assertEquals(wanted(settings(["text"]), things), things);
  });
});
