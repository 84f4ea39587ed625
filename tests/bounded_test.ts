import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { assert, assertEquals, assertLessOrEqual, assertMatch } from "@std/assert";
import fc from "fast-check";
import { bounded, boundedDetails } from "../src/bounded.ts";

describe("a bounded text", () => {
  test("that is short enough is as it was", () => {
    for (const text of ["", "x".repeat(4096), "é".repeat(2048), "🌊".repeat(1024)]) {
      assertEquals(bounded(text), text);
    }
    assertEquals(bounded("half \ud83c of a pair"), "half \ufffd of a pair");
  });

  test("is cut between characters, says by how much, and is never too long", () => {
    const texts = fc.string({ unit: "binary", maxLength: 400 });
    fc.assert(fc.property(texts, fc.integer({ min: 64, max: 300 }), (text, most) => {
      const short = bounded(text, most);
      assert(short.isWellFormed());
      assertLessOrEqual(Buffer.byteLength(short), most);
      if (short === text) return;
      const [, kept = "", more = ""] = /^(.*)… \((\d+) more bytes\)$/s.exec(short) ?? [];
      assert(text.startsWith(kept), short);
      assertEquals(Buffer.byteLength(kept) + Number(more), Buffer.byteLength(text));
    }));
  });
});

describe("bounded details", () => {
  test("are there of plain objects alone", () => {
    for (const value of [undefined, null, 1, "x", [], [{}], new Date(), new Map(), () => {}]) {
      assertEquals(boundedDetails(value), undefined);
    }
    assertEquals(boundedDetails({}), {});
    assertEquals(boundedDetails(Object.assign(Object.create(null), { a: 1 })), { a: 1 });
  });

  const circular: Record<string, unknown> = { a: [] };
  (circular["a"] as unknown[]).push(circular);
  const throwing = (): never => {
    throw new RangeError("no");
  };
  const written: Record<string, [Record<string, unknown>, unknown]> = {
    "as JSON has them": [
      {
        text: "x",
        yes: true,
        none: null,
        list: [1, undefined],
        date: new Date(0),
        left: undefined,
      },
      { text: "x", yes: true, none: null, list: [1, null], date: "1970-01-01T00:00:00.000Z" },
    ],
    "with what JSON cannot carry": [
      { big: 2n ** 70n, nan: NaN, far: -Infinity },
      { big: "1180591620717411303424", nan: "NaN", far: "-Infinity" },
    ],
    "of a circle": [circular, { a: ["… (circular)"] }],
    "with a getter that throws": [
      Object.defineProperty({ b: 1 }, "a", { enumerable: true, get: throwing }),
      { b: 1, a: "… (cannot be read: RangeError: no)" },
    ],
    "with a toJSON that throws": [
      { a: { toJSON: throwing } },
      { a: "… (cannot be read: RangeError: no)" },
    ],
    "with a toJSON that gives itself": [
      {
        a: {
          toJSON() {
            return this;
          },
        },
      },
      { a: "… (circular)" },
    ],
    "too deep": [
      { a: { a: { a: { a: { a: { a: 1 } } } } } },
      { a: { a: { a: { a: { a: "… (deeper than 5)" } } } } },
    ],
    "with a name that has a meaning": [
      JSON.parse('{ "__proto__": { "x": 1 } }'),
      JSON.parse('{ "__proto__": { "x": 1 } }'),
    ],
  };
  for (const [name, [value, expected]] of Object.entries(written)) {
    test(name, () => {
      assertEquals(JSON.stringify(boundedDetails(value)), JSON.stringify(expected));
    });
  }

  test("that throw whatever is asked of them", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assertMatch(JSON.stringify(boundedDetails(proxy)), /cannot be read/);
    assertMatch(JSON.stringify(boundedDetails({ proxy })), /"proxy":"… \(cannot be read/);
  });

  test("say what is left out", () => {
    const details = boundedDetails(
      Object.fromEntries(Array.from({ length: 1e4 }, (_, n) => [n, n])),
    );
    const kept = Object.keys(details ?? {}).length - 1;
    assertEquals(details?.["…"], `${1e4 - kept} more`);
    const { list } = boundedDetails({ list: new Array(1e9) }) as { list: unknown[] };
    assertMatch(String(list.at(-1)), /^… \(\d+ more\)$/);
  });

  test("are JSON of a few kilobytes, whatever they were", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: true })), (value) => {
        const details = boundedDetails(value);
        const text = JSON.stringify(details);
        assertLessOrEqual(text.length, 16 * 1024);
        assertEquals(JSON.stringify(boundedDetails(JSON.parse(text))).length <= text.length, true);
      }),
    );
  });
});
