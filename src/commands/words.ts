import { extname } from "node:path";

/**
 * Splits a command into words by the quotes and backslashes of a POSIX shell (XCU 2.2, Quoting).
 *
 * Nothing else is interpreted: `$`, backquotes, `*`, `~`, `#`, `;`, `|` and `>` are plain text.
 * Spaces, tabs and newlines separate words. A backslash at the very end stands for itself, as it
 * does in dash and bash.
 *
 * `args-tokenizer` is not used: it drops empty words (`''`), and takes a backslash for an escape
 * inside single quotes and before every character inside double quotes.
 *
 * @throws {Error} A quote is not closed, or there is no word.
 *
 * @example
 * ```ts
 * splitCommand(`psql -c 'select 1' "it's \\"quoted\\""`); // ["psql", "-c", "select 1", `it's "quoted"`]
 * ```
 */
export function splitCommand(text: string): string[] {
  const words: string[] = [];
  // Not "", for quotes with nothing between them are a word.
  let word: string | undefined;
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === " " || char === "\t" || char === "\n") {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
      continue;
    }
    const part = char === "'"
      ? singleQuoted(text, at)
      : char === '"'
      ? doubleQuoted(text, at)
      : char === "\\"
      ? escaped(text, at)
      : { value: char, end: at + 1 };
    if (part.value !== undefined) word = (word ?? "") + part.value;
    at = part.end;
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0) throw new Error("the command is empty");
  return words;
}

/**
 * The words of a command that can be started.
 *
 * @throws {Error} It has none, or begins with what only a shell takes for a variable. Its value is not
 * shown, for it may be a secret.
 */
export function commandWords(text: string): string[] {
  const words = splitCommand(text);
  const [, variable] = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(words[0] ?? "") ?? [];
  if (variable === undefined) return words;
  throw new Error(
    `${variable}=… sets a variable in a shell alone: set it for all of Hurricane, in its environment, ` +
      `or give a shell: sh -c '${variable}=… …'`,
  );
}

/** Does a word name a script that Hurricane's own runtime runs? By its extension alone. */
export function isScript(word: string): boolean {
  return scriptExtensions.has(extname(word));
}

const scriptExtensions = new Set([".ts", ".tsx", ".js", ".mjs", ".mts", ".jsx"]);

/** What a piece of the text stands for, and where the next one begins. */
interface Part {
  /** `undefined`: nothing, not even an empty word. */
  value: string | undefined;
  end: number;
}

function singleQuoted(text: string, start: number): Part {
  const end = text.indexOf("'", start + 1);
  if (end === -1) throw unclosed("single", start);
  return { value: text.slice(start + 1, end), end: end + 1 };
}

function doubleQuoted(text: string, start: number): Part {
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') return { value, end: at + 1 };
    const next = text.charAt(at + 1);
    if (char !== "\\" || next === "" || !'$`"\\\n'.includes(next)) value += char;
    else {
      if (next !== "\n") value += next;
      at++;
    }
  }
  throw unclosed("double", start);
}

/** A backslash outside quotes, which joins lines before a newline. */
function escaped(text: string, start: number): Part {
  const next = text.charAt(start + 1);
  if (next === "\n") return { value: undefined, end: start + 2 };
  return { value: next === "" ? "\\" : next, end: start + 2 };
}

function unclosed(kind: string, start: number): Error {
  return new Error(`the ${kind} quote at character ${start + 1} is not closed`);
}
