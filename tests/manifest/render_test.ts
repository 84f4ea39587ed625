import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parse } from "yaml";
import type { Resource } from "../../src/manifest/kubernetes.ts";
import { note, type Noted } from "../../src/manifest/note.ts";
import { render } from "../../src/manifest/render.ts";

function resource(fields: object): Noted<Resource> {
  return { apiVersion: "v1", kind: "Test", metadata: { name: "web", labels: {} }, ...fields };
}

test("documents, comments and what is left out", () => {
  const first = resource({
    count: note(2, "how many\nof them"),
    none: undefined,
    map: note({ a: 1, b: note("x", "inner") }, "outer"),
    list: [note("one", "the first"), note({ two: 2 }, "the second")],
    empty: {},
    text: ["100m", "on", "1e3", "0o17", "80", "yes: no", ""],
  });
  assertEquals(
    render([first, resource({})], "above all"),
    `# above all

apiVersion: v1
kind: Test
metadata:
  name: web
  labels: {}
# how many
# of them
count: 2
# outer
map:
  a: 1
  # inner
  b: x
list:
  # the first
  - one
  # the second
  - two: 2
empty: {}
text:
  - 100m
  - "on"
  - "1e3"
  - "0o17"
  - "80"
  - "yes: no"
  - ""
---
apiVersion: v1
kind: Test
metadata:
  name: web
  labels: {}
`,
  );
});

describe("a text is the same text in YAML 1.1 and 1.2", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[-+.~]?[0-9xobefinaNyYtTuUlL_:.,+-]{0,8}$/),
    fc.constantFrom(
      "y",
      "No",
      "OFF",
      "null",
      "~",
      "<<",
      "=",
      ".inf",
      ".NaN",
      "1:30",
      "1_000",
      "0x1g",
    ),
    fc.constantFrom(
      "2001-01-01",
      "#",
      "- a",
      "a: b",
      "a #b",
      "%x",
      "@x",
      "`x`",
      "|",
      ">-",
      "? a",
      "*a",
    ),
  );
  for (const schema of ["core", "yaml-1.1"] as const) {
    test(schema, () => {
      fc.assert(
        fc.property(texts, (text) => {
          const yaml = render([resource({ text, list: [text] })], "test");
          const read = parse(yaml, { schema });
          assertEquals([read.text, read.list], [text, [text]]);
        }),
        { numRuns: 1000 },
      );
    });
  }
});

test("what readers of YAML 1.1 take for a line break, or refuse, is an escape", () => {
  for (const character of ["\u2028", "\u2029", "\u0085", "\u009b", "\x7f", "\ufeff", "\ufffe"]) {
    const value = `a${character}b`;
    const text = render([resource({ value, comment: note(1, value), [value]: 2 })], value);
    assert(!text.includes(character), JSON.stringify(text));
    const read: unknown = parse(text);
    assertEquals(read, { ...resource({ value, comment: 1, [value]: 2 }) });
  }
});
