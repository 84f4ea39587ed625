import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { parse } from "smol-toml";
import * as z from "zod";
import { configSchema } from "../../src/options/json_schema.ts";
import { wordsOf } from "../../src/options/option.ts";
import { serveOptions, serveTable } from "../../src/options/serve_table.ts";
import type { Declaration } from "../../src/options/table.ts";
import { sampleOf } from "./samples.ts";

const schema = configSchema() as { properties: Record<string, Record<string, unknown>> };
const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);

function isValid(toml: string): boolean {
  return validator.safeParse(parse(toml)).success;
}

describe("the JSON Schema of a file of options", () => {
  test("accepts a file with most of what there is", () => {
    assert(isValid(`
      port = 8080
      probe-port = 9000
      metrics = false
      shutdown-delay = "5s"
      max-body-size = "10mb"
      max-memory = "auto"
      workers = 2
      log-level = "warn"
      access-log = true
      command = ["./migrate.ts", "./seed.ts --all"]
      static = "./public"
    `));
  });

  test("has each option, with its help, and no other", () => {
    assertEquals(Object.keys(schema.properties), serveOptions.map(({ key }) => wordsOf(key)));
    for (const { key, help } of serveOptions) {
      assert(String(schema.properties[wordsOf(key)]?.["description"]).startsWith(help), key);
    }
    assertFalse(isValid("prot = 80"));
  });

  for (const option of serveOptions) {
    const name = wordsOf(option.key);
    test(`${name}: samples and the default are valid, and another type is not`, () => {
      const { text, value, otherText, otherValue } = sampleOf(option);
      for (const [given, read] of [[text, value], [otherText, otherValue]] as const) {
        const isCount = /^\d+$/.test(given) && typeof read === "number";
        const data = typeof read === "boolean" ? read : isCount ? Number(given) : given;
        assert(validator.safeParse({ [name]: data }).success, given);
      }
      const { initial } = (serveTable as Record<string, Declaration>)[option.key] ?? {};
      const property = schema.properties[name] ?? {};
      assertEquals("default" in property, initial !== undefined);
      if (initial !== undefined) {
        assert(validator.safeParse({ [name]: property["default"] }).success);
      }
      assertFalse(validator.safeParse({ [name]: { a: 1 } }).success);
      assertFalse(validator.safeParse({ [name]: 0.5 }).success);
    });
  }

  test("refuses what is out of range, and words that are none", () => {
    for (
      const toml of [
        "port = 65536",
        "workers = 0",
        'log-level = "loud"',
        'check-timeout = "5"',
        "check-timeout = 5",
        'max-memory = "some"',
        "metrics = true",
        'access-log = "yes"',
        "command = [1]",
      ]
    ) assertFalse(isValid(toml), toml);
  });
});
