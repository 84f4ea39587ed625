import { describe, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { parseWords, UsageError } from "../../scripts/suite/words.ts";

describe("parseWords", () => {
  test("nothing is narrowed down by nothing", () => {
    assertEquals(parseWords([]), { kinds: [], forms: [], paths: [] });
  });

  test("tells kinds, forms, paths and the filter apart, in any order", () => {
    const args = [
      "bun",
      "tests/e2e/queue_test.ts",
      "--filter",
      "queue > one",
      "e2e",
      "./tests",
      "probes",
    ];
    assertEquals(parseWords(args), {
      kinds: ["e2e"],
      forms: ["bun"],
      paths: ["tests/e2e/queue_test.ts", "./tests", "probes"],
      filter: "queue > one",
    });
  });

  test("takes a filter behind an equals sign, whatever it looks like", () => {
    assertEquals(parseWords(["--filter=a=b"]).filter, "a=b");
    assertEquals(parseWords(["--filter", "unit"]), {
      kinds: [],
      forms: [],
      paths: [],
      filter: "unit",
    });
  });

  const wrong: Record<string, [string[], string]> = {
    "an unknown option": [["--only"], `"--only": give`],
    "an empty word": [[""], `"": give`],
    "a filter without a text": [["--filter"], "--filter: give a part"],
    "an empty filter": [["--filter="], "--filter: give a part"],
    "static for a file": [["static", "tests/log_test.ts"], "neither files nor --filter"],
    "static with a filter": [["static", "--filter", "x"], "neither files nor --filter"],
  };
  for (const [name, [args, message]] of Object.entries(wrong)) {
    test(`refuses ${name}`, () => {
      assertThrows(() => parseWords(args), UsageError, message);
    });
  }
});
