import { describe, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { replaceSection } from "../../scripts/benchmark/document.ts";
import { parts } from "../../scripts/benchmark/settings.ts";

const document = readFileSync(new URL("../../docs/benchmarks.md", import.meta.url), "utf8");

describe("replaceSection", () => {
  for (const part of parts) {
    test(`puts ${part} into the document, and the next time in its place`, () => {
      const once = replaceSection(document, part, "| a |");
      assertEquals(once.split("| a |").length, 2);
      const twice = replaceSection(once, part, "| b |");
      assertEquals(twice, once.replace("| a |", "| b |"));
    });
  }

  test("refuses a section that is not there", () => {
    assertThrows(() => replaceSection(document, "speed", ""), Error, 'no section "speed"');
  });
});
