/**
 * Longest line that is passed on whole, in UTF-16 code units: with a line of the log around it, of which
 * it is in two places, it is still one that a pipe takes whole.
 */
export const maxLineLength = 1024;

/**
 * Cuts the bytes of a stream into lines of text.
 *
 * A line ends with `\n` or `\r\n`. One longer than {@linkcode maxLineLength}
 * arrives in pieces, so that a program that never ends its line is neither kept in memory nor
 * silent. Where the chunks begin and end makes no difference.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Uint8Array): void {
    this.#append(this.#decoder.decode(chunk, { stream: true }));
  }

  /** Passes on what came after the last line end: there is no more for now. */
  flush(): void {
    this.#append(this.#decoder.decode());
    if (this.#rest !== "") this.#emit(this.#rest);
    this.#rest = "";
  }

  #append(decoded: string): void {
    const text = this.#rest + decoded;
    let start = 0;
    let end = text.indexOf("\n", this.#rest.length);
    while (end !== -1) {
      this.#emit(text.slice(start, end));
      start = end + 1;
      end = text.indexOf("\n", start);
    }
    this.#rest = text.slice(start);
    // One more than a piece: the last character may be the `\r` of a line end.
    while (this.#rest.length > maxLineLength + 1) this.#rest = this.#emitPiece(this.#rest);
  }

  #emit(line: string): void {
    let rest = line.endsWith("\r") ? line.slice(0, -1) : line;
    while (rest.length > maxLineLength) rest = this.#emitPiece(rest);
    this.#onLine(rest);
  }

  /** Passes on the first piece of a longer text, and returns the rest of it. */
  #emitPiece(text: string): string {
    const last = text.charCodeAt(maxLineLength - 1);
    const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
    const end = isHighSurrogate ? maxLineLength - 1 : maxLineLength;
    this.#onLine(text.slice(0, end));
    return text.slice(end);
  }
}
