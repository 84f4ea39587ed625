import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { commandWords, isScript, splitCommand } from "../../src/commands/words.ts";

/**
 * What `sh` makes of each text, or `undefined` where it finds a quote that is not closed.
 *
 * `$1` is itself, so that it reads the same expanded and not. Texts must hold nothing else that
 * only a shell interprets; a newline outside quotes, which ends a command, is among it.
 */
function splitByShell(texts: string[]): (string[] | undefined)[] {
  const script = `
    words() { shift 2; for word; do printf 'word %s\\0' "$word"; done; }
    split() { eval "words '\\$1' x $2" 2>/dev/null; }
    set -f
    for text; do
      ( split '$1' "$text" ) 2>/dev/null || printf 'error\\0'
      printf 'end\\0'
    done`;
  const output = execFileSync("sh", ["-c", script, "sh", ...texts], { encoding: "utf8" });
  const results: (string[] | undefined)[] = [];
  let words: string[] | undefined = [];
  for (const item of output.split("\0").slice(0, -1)) {
    if (item === "end") {
      results.push(words);
      words = [];
    } else if (item === "error") words = undefined;
    else words?.push(item.slice("word ".length));
  }
  return results;
}

function splitOrUndefined(text: string): string[] | undefined {
  try {
    return splitCommand(text);
  } catch {
    return undefined;
  }
}

function assertSplitsAsShell(texts: string[]): void {
  const expected = splitByShell(texts);
  assertEquals(expected.length, texts.length);
  for (const [index, text] of texts.entries()) {
    // A shell does nothing for a command without words; here it is an error.
    const words = expected[index]?.length === 0 ? undefined : expected[index];
    assertEquals(splitOrUndefined(text), words, JSON.stringify(text));
  }
}

describe("splitCommand", () => {
  for (
    const [text, words] of [
      ["prisma migrate deploy", ["prisma", "migrate", "deploy"]],
      ["  a \t b\nc  ", ["a", "b", "c"]],
      ["psql -c 'select 1'", ["psql", "-c", "select 1"]],
      [`a "b c" d`, ["a", "b c", "d"]],
      [`a '' "" b`, ["a", "", "", "b"]],
      [`a''b ""c`, ["ab", "c"]],
      [`a'b'"c"\\d`, ["abcd"]],
      [`'a\\b\\' c`, ["a\\b\\", "c"]],
      [`'a"b' "c'd"`, ['a"b', "c'd"]],
      [`"\\"\\\\\\$\\\`"`, ['"\\$`']],
      [`"\\a\\'\\ "`, ["\\a\\'\\ "]],
      [`a\\ b \\'c \\"d \\\\e`, ["a b", "'c", '"d', "\\e"]],
      ["a\\\nb", ["ab"]],
      ["a \\\n b", ["a", "b"]],
      ['"a\\\nb"', ["ab"]],
      ["'a\\\nb'", ["a\\\nb"]],
      ["'a\nb'", ["a\nb"]],
      ["a\\", ["a\\"]],
      ["a \\", ["a", "\\"]],
      ["a\u00a0b\u3000c\rd\fe", ["a\u00a0b\u3000c\rd\fe"]],
      ["echo 😀 \\😀 '😀'", ["echo", "😀", "😀", "😀"]],
    ] as const
  ) {
    test(`${JSON.stringify(text)} is ${JSON.stringify(words)}`, () => {
      assertEquals(splitCommand(text), [...words]);
    });
  }

  test("leaves everything else that a shell knows alone", () => {
    const words = ["$HOME", "`id`", "$(id)", "*", "?", "[a]", "~", "#", "a=b", "{a,b}", "!"];
    const operators = ["a;b", "&&", "||", "|", "&", ">", "2>&1", "<", "(", ")"];
    const all = [...words, ...operators];
    assertEquals(splitCommand(all.join(" ")), all);
    assertEquals(splitCommand('"$HOME" "`id`" "~"'), ["$HOME", "`id`", "~"]);
  });

  test("can be started, unless they begin with a variable, whose value is not shown", () => {
    for (const text of ["env A=b ./m.ts", "./a=b", "=b", "1=b", "a-b=c", "sh -c 'A=b ./m.ts'"]) {
      assertEquals(commandWords(text), splitCommand(text));
    }
    for (const text of ["A_1=p4ss ./m.ts", "A_1='p4ss x' ./m.ts", "A_1=p4ss"]) {
      const { message } = assertThrows(() => commandWords(text), Error);
      assertEquals(
        message,
        "A_1=… sets a variable in a shell alone: set it for all of Hurricane, in its environment, " +
          "or give a shell: sh -c 'A_1=… …'",
      );
    }
  });

  for (const text of ["", " \t\n", "\\\n"]) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      assertThrows(() => splitCommand(text), Error, "the command is empty");
    });
  }

  test("names the quote that is not closed", () => {
    const single = "the single quote at character 3 is not closed";
    assertThrows(() => splitCommand("a 'b"), Error, single);
    assertThrows(() => splitCommand("a 'b\\"), Error, single);
    const double = "the double quote at character 3 is not closed";
    assertThrows(() => splitCommand('a "b'), Error, double);
    assertThrows(() => splitCommand('a "b\\'), Error, double);
    assertThrows(() => splitCommand('a "b\\"'), Error, double);
  });

  test("agrees with sh on any mix of quotes, backslashes and blanks", () => {
    const piece = fc.constantFrom("a", "é", "$1", " ", "\t", "'", '"', "\\", '\\"', "\\$1", "\\`");
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
    // A backquote that is not escaped would run something.
    const harmless = text.filter((text) => !text.includes("`") || !/\\\\`|'/.test(text));
    fc.assert(
      fc.property(fc.array(harmless, { minLength: 100, maxLength: 100 }), assertSplitsAsShell),
      { numRuns: 30, endOnFailure: true },
    );
  });

  test("agrees with sh on well-formed words, with newlines and backquotes in quotes", () => {
    const mix = (...parts: string[]) =>
      fc.array(fc.constantFrom(...parts), { maxLength: 6 }).map((parts) => parts.join(""));
    const part = fc.oneof(
      mix("a", "b", "$1", "=", "é"),
      mix("a", " ", "\n", "\\", '"', "`", "$1", "*", "\t", ";").map((text) => `'${text}'`),
      mix("a", " ", "\n", "'", "\\\n", '\\"', "\\\\", "\\`", "\\$1", "\\a", "\\ ", "\\'", "#")
        .map((text) => `"${text}"`),
      fc.constantFrom("\\ ", "\\a", "\\'", '\\"', "\\\\", "\\$1", "\\\n", "\\`", "\\;", "\\\t"),
    );
    const word = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
    const text = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(fc.array(text, { minLength: 100, maxLength: 100 }), assertSplitsAsShell),
      { numRuns: 20, endOnFailure: true },
    );
  });

  test("gives back any words that were quoted", () => {
    const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary" }), { minLength: 1 }),
        fc.constantFrom(" ", "\t", "\n", "  "),
        (words, blank) => assertEquals(splitCommand(words.map(quoted).join(blank)), words),
      ),
    );
  });
});

describe("isScript", () => {
  for (const word of ["a.ts", "./a.tsx", "/b/a.js", "../a.mjs", "a.mts", "a b.jsx", "a.test.ts"]) {
    test(`${word} is one`, () => assertEquals(isScript(word), true));
  }
  for (const word of ["a", "a.cjs", "a.ts.sh", "ts", ".ts", "a.ts/b", "a.json", "", "a.TS"]) {
    test(`${JSON.stringify(word)} is none`, () => assertEquals(isScript(word), false));
  }
});
