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
