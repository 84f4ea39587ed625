import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { describe, test } from "node:test";
import { LineSplitter, maxLineLength } from "../../src/commands/lines.ts";

function split(...chunks: (string | Uint8Array)[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) {
    splitter.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  }
  splitter.flush();
  return lines;
}

describe("LineSplitter", () => {
  for (
    const [title, chunks, lines] of [
      ["passes on a line for each end", ["a\nb\n"], ["a", "b"]],
      ["joins chunks", ["a", "b\nc", "", "d\n"], ["ab", "cd"]],
      ["keeps empty lines", ["\n\na\n"], ["", "", "a"]],
      ["passes on a last line without an end", ["a\nb"], ["a", "b"]],
      ["strips the carriage return of a line end", ["a\r\nb\r", "\nc\r"], ["a", "b", "c"]],
      ["keeps other carriage returns", ["a\rb\r\r\n"], ["a\rb\r"]],
      ["makes nothing of nothing", ["", ""], []],
    ] as const
  ) {
    test(title, () => assertEquals(split(...chunks), [...lines]));
  }

  test("passes on a line as soon as it has ended", () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    splitter.push(new TextEncoder().encode("a\nb"));
    assertEquals(lines, ["a"]);
  });

  test("goes on after a flush", () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (const text of ["one", "two\nthree"]) {
      splitter.push(new TextEncoder().encode(text));
      splitter.flush();
    }
    assertEquals(lines, ["one", "two", "three"]);
  });

  test("decodes a character that is spread over chunks", () => {
    const bytes = new TextEncoder().encode("né 😀\n");
    assertEquals(split(...[...bytes].map((byte) => Uint8Array.of(byte))), ["né 😀"]);
  });

  test("shows bytes that are no UTF-8 as such", () => {
    assertEquals(split(Uint8Array.of(0x61, 0xff, 0x0a), Uint8Array.of(0xc3)), [
      "a\ufffd",
      "\ufffd",
    ]);
  });

  test("cuts a long line into pieces, and only a longer one", () => {
    const whole = "x".repeat(maxLineLength);
    assertEquals(split(`${whole}\n`), [whole]);
    assertEquals(split(`${whole}\r`, "\n"), [whole]);
    assertEquals(split(`${whole}y\n`), [whole, "y"]);
    assertEquals(split(whole, whole, "y"), [whole, whole, "y"]);
  });

  test("does not wait for the end of a long line", () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    splitter.push(new Uint8Array(10 * maxLineLength).fill(0x78));
    assertEquals(lines.length, 9);
  });

  test("does not cut a character in two", () => {
    const line = `${"x".repeat(maxLineLength - 1)}😀y`;
    assertEquals(split(line), ["x".repeat(maxLineLength - 1), "😀y"]);
  });

  test("gives the same lines wherever the chunks begin", () => {
    const piece = fc.constantFrom(
      "a",
      "\n",
      "\r",
      "\r\n",
      "é",
      "😀",
      "x".repeat(maxLineLength - 2),
      "x".repeat(maxLineLength),
      "😀".repeat(maxLineLength / 2),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }).map((pieces) =>
          new TextEncoder().encode(pieces.join(""))
        ),
        fc.array(fc.nat(4 * maxLineLength), { maxLength: 6 }),
        fc.nat(8),
        (bytes, cuts, last) => {
          // Near the end too, where a line end may be in two chunks.
          const ends = [...cuts, bytes.length - last].filter((cut) => cut >= 0);
          const bounds = [0, ...ends.sort((a, b) => a - b), bytes.length];
          const chunks = bounds.slice(1).map((end, index) => bytes.subarray(bounds[index], end));
          assertEquals(split(...chunks), split(bytes));
        },
      ),
    );
  });

  test("loses nothing", () => {
    const line = fc.oneof(
      fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n\ufeff]/.test(text)),
      fc.constant(""),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        assertEquals(split(lines.map((line) => `${line}\n`).join("")), lines);
      }),
    );
  });
});
