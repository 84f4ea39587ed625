import { displayCommand } from "./display.ts";

/** The longest line that is told, in characters: it stands in probes and webhooks, too. */
const longest = 200;

/** What a command says of its failure: of the lines of its standard error, the one to tell. */
export class SaidError {
  /** The last that calls itself an error. */
  #error: string | undefined;
  #last: string | undefined;

  /** Takes the next line. */
  add(line: string): void {
    if (isBeside(line)) return;
    this.#last = line;
    if (/^\w*error\b.*:/i.test(line)) this.#error = line;
  }

  /** The end of a sentence, or nothing where it has said nothing. */
  toString(): string {
    const said = (this.#error ?? this.#last)?.trim();
    if (said === undefined) return "";
    // Before it is cut: half of a URL is not known for one.
    const line = displayCommand(said);
    return `: ${line.length > longest ? `${line.slice(0, longest)}…` : line}`;
  }
}

/** What runtimes write around an error: its place in the code, and their version. */
function isBeside(line: string): boolean {
  return /^\s*(?:at\s.*|\^*|Bun v[\d.]+ .*|Node\.js v[\d.]+)$/.test(line);
}
