import process from "node:process";

/**
 * Text without the escape sequences that colour it on a terminal (ECMA-48): Deno writes them into what
 * it throws and prints, also where no terminal is.
 */
export function plainText(text: string): string {
  if (!text.includes("\x1b")) return text;
  // Late: few texts have any, and it takes 2 ms of a worker's start on Bun.
  return process.getBuiltinModule("node:util").stripVTControlCharacters(text);
}

/** What a terminal obeys, and what has it show text in another order: no text, but for line ends and tabs. */
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * Text as it is safe on a terminal. Whatever of it is no text is shown as an escape, `\u001b`; lines and
 * tabs stay.
 */
export function visible(text: string): string {
  return text.replace(
    invisible,
    (character) => character === "\n" || character === "\t" ? character : escapeOf(character),
  );
}

/** A line of JSON in which such characters, where JSON does not ask for it, are escapes as well. */
export function visibleJson(line: string): string {
  return line.replace(
    invisible,
    (character) => character === "\n" ? character : escapeOf(character),
  );
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
