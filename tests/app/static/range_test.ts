import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Part, requestedPart } from "../../../src/app/static/range.ts";

const none = "unsatisfiable";

describe("a Range of a file of 1000 bytes", () => {
  const ranges: Record<string, [start: number, end: number] | typeof none | undefined> = {
    "bytes=0-499": [0, 500],
    "bytes=500-999": [500, 1000],
    "bytes=0-0": [0, 1],
    "bytes=999-999": [999, 1000],
    "bytes=9500-": none,
    "bytes=1000-": none,
    "bytes=1000-1001": none,
    "bytes=-500": [500, 1000],
    "bytes=-1": [999, 1000],
    "bytes=-1000": [0, 1000],
    "bytes=-5000": [0, 1000],
    "bytes=-0": none,
    "bytes=500-": [500, 1000],
    "bytes=0-": [0, 1000],
    "bytes=900-5000": [900, 1000],
    "BYTES=0-1": [0, 2],
    "bytes= 0-1 ": [0, 2],
    [`bytes=${"9".repeat(400)}-`]: none,
    [`bytes=0-${"9".repeat(400)}`]: [0, 1000],
    "bytes=5-2": undefined,
    "bytes=-": undefined,
    "bytes=": undefined,
    "bytes": undefined,
    "": undefined,
    "bytes=a-b": undefined,
    "bytes=1.5-2": undefined,
    "bytes=--5": undefined,
    "bytes=+1-2": undefined,
    "bytes=0x1-2": undefined,
    "lines=0-1": undefined,
    "bytes=0-1,5-6": undefined,
    "bytes=0-1,": undefined,
  };
  for (const [range, expected] of Object.entries(ranges)) {
    const shown = range.length > 40 ? `${range.slice(0, 40)}…` : range;
    test(`is ${JSON.stringify(expected)} for ${JSON.stringify(shown)}`, () => {
      const part = Array.isArray(expected) ? { start: expected[0], end: expected[1] } : expected;
      assertEquals(requestedPart(range, 1000), part);
    });
  }
});

describe("requestedPart", () => {
  test("is all of an empty file", () => {
    for (const range of ["bytes=0-", "bytes=0-5", "bytes=-5", "bytes=-0"]) {
      assertEquals(requestedPart(range, 0), undefined);
    }
  });

  test("gives what Array's slice gives", () => {
    const numbers = fc.nat(30);
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: 1, max: 20 }), (first, last, size) => {
        const bytes = Array.from({ length: size }, (_, index) => index);
        const taken = (range: string) => {
          const part = requestedPart(range, size);
          return part === none || part === undefined ? part : bytes.slice(part.start, part.end);
        };
        const or = (part: number[]) => part.length === 0 ? none : part;
        assertEquals(taken(`bytes=${first}-`), or(bytes.slice(first)));
        assertEquals(taken(`bytes=-${last}`), last === 0 ? none : bytes.slice(-last));
        const both = last < first ? undefined : or(bytes.slice(first, last + 1));
        assertEquals(taken(`bytes=${first}-${last}`), both);
      }),
    );
  });

  test("never leaves the file, whatever is asked", () => {
    const ranges = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom("bytes", "=", "-", ",", " ", "0", "7", "99")).map((all) =>
        all.join("")
      ),
    );
    fc.assert(
      fc.property(ranges, fc.nat(100), (range, size) => {
        const part = requestedPart(range, size);
        if (part === none || part === undefined) return;
        const { start, end }: Part = part;
        assertEquals([0 <= start, start < end, end <= size], [true, true, true]);
      }),
      { numRuns: 1000 },
    );
  });
});
