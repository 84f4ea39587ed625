import { relative } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { codeFrame, withCodeFrame } from "../../src/source/code_frame.ts";
import { TempDir } from "../support/temp_dir.ts";

/** The frame for a line and column of a source, without the place. */
function frame(source: string, line: number, column: number): string[] | undefined {
  using dir = new TempDir();
  const file = dir.file("handler.ts", source);
  return codeFrame(`Error: no\n    at ${file}:${line}:${column}`)?.split("\n").slice(1);
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line${index + 1}`);

describe("a code frame", () => {
  test("shows the lines before and after, and marks the column", () => {
    assertEquals(frame(lines(20).join("\n"), 10, 3), [
      "   7 | line7",
      "   8 | line8",
      "   9 | line9",
      "> 10 | line10",
      "     |   ^",
      "  11 | line11",
    ]);
  });

  test("begins at the first line and ends at the last that has anything in it", () => {
    assertEquals(frame("first\n\n\n", 1, 1), ["> 1 | first", "    | ^"]);
    assertEquals(frame("first\r\nlast\r\n", 2, 5), ["  1 | first", "> 2 | last", "    |     ^"]);
    // The end of the file itself may be what is wrong.
    assertEquals(frame("a {\n", 2, 1), ["  1 | a {", "> 2 |", "    | ^"]);
  });

  test("keeps tabs, so that the mark stands where it should", () => {
    assertEquals(frame("\t\tx(y)", 1, 5), ["> 1 | \t\tx(y)", "    | \t\t  ^"]);
  });

  test("shows only the beginning of a line that is very long", () => {
    const [row, ...rest] = frame("x".repeat(1000), 1, 900) ?? [];
    assertMatch(row ?? "", /^> 1 \| x{200}…$/);
    assertEquals(rest, []);
  });

  test("names the file as seen from the working directory, if it is there", () => {
    using dir = new TempDir();
    const file = dir.file("handler.ts", "x");
    const place = (path: string) => codeFrame(`at ${path}:1:1`)?.split("\n")[0];
    assertEquals(place(file), `${file}:1:1`);
    const here = new URL(import.meta.url).pathname;
    assertEquals(place(here), `${relative(process.cwd(), here)}:1:1`);
  });

  test("is about the first place that there is", () => {
    using dir = new TempDir();
    const file = dir.file("b.ts", "here");
    const trace = `Error: no
    at f (${dir.path}/node_modules/x/index.js:1:1)
    at g (${dir.path}/gone.ts:1:1)
    at h (${file}:99:1)
    at i (${file}:1:2)`;
    assertEquals(codeFrame(trace)?.split("\n").slice(1), ["> 1 | here", "    |  ^"]);
  });

  test("is none where there is no place", () => {
    for (const trace of ["just text", "at /no/such.ts:1:1", ""]) {
      assertEquals(codeFrame(trace), undefined);
      assertEquals(withCodeFrame(trace, "said"), trace);
    }
  });
});

describe("a trace with a code frame", () => {
  test("has it first, then what the trace says besides, without Hurricane and the runtime", () => {
    using dir = new TempDir();
    const file = dir.file("handler.ts", "f();\n");
    const own = new URL("../../src/app/handler.ts", import.meta.url).href;
    const trace = `Error: outer
    at file://${file}:1:1 at ext:core/01_core.js:405:7
    at Module._compile (node:module:5:1422)
    at listOnTimeout (ext:core/02_timers.js:307:17)
    at processTicksAndRejections (native:7:39)
    at async processTicksAndRejections (unknown:7:39)
    at async loadHandler (${own}:47:28)
    at g (${own.slice("file://".length)}:47:28)
Caused by: Error: inner
    at f (${file}:1:3)`;
    assertEquals(
      withCodeFrame(trace, "Error: outer"),
      `${file}:1:1
> 1 | f();
    | ^
Caused by: Error: inner
    at f (${file}:1:3)`,
    );
  });

  test("tells of what else is wrong, and of the first only once", () => {
    using dir = new TempDir();
    const file = dir.file("s.ts", "f( { ;\n");
    const trace = `AggregateError: 2 errors building "${file}"
Error 1 of 2: SyntaxError: Expected identifier
    at ${file}:1:6
    f( { ;
Error 2 of 2: SyntaxError: Expected "}"
    at ${file}:1:7
    f( { ;`;
    assertEquals(
      withCodeFrame(trace, "SyntaxError: Expected identifier"),
      `${file}:1:6
> 1 | f( { ;
    |      ^
Error 2 of 2: SyntaxError: Expected "}"
    at ${file}:1:7`,
    );
  });

  test("has it once, where Deno has its own", () => {
    using dir = new TempDir();
    const file = dir.file("c.ts", "export const x = {;\n");
    const trace = `TypeError: SyntaxError: Unexpected token
  |
1 | export const x = {;
  |                   ~
    at file://${file}:1:19`;
    assertEquals(
      withCodeFrame(trace, "TypeError: SyntaxError: Unexpected token"),
      `${file}:1:19
> 1 | export const x = {;
    |                   ^`,
    );
  });
});
