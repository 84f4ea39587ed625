const newline = 0x0a;

/** What comes in place of a line that is longer than allowed: it is let pass unread. */
export const tooLong: unique symbol = Symbol("too long");

/** Cuts what arrives in pieces into lines, and holds no more of one than is allowed. */
export class Lines {
  readonly #longest: number;
  /** What has arrived and was not looked at. */
  #chunk: Uint8Array = new Uint8Array(0);
  /** The beginning of a line whose end has not arrived. */
  #begun: Uint8Array[] = [];
  #length = 0;

  /** @param longest in bytes */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Takes what has arrived. */
  push(chunk: Uint8Array): void {
    this.#chunk = this.#chunk.length === 0 ? chunk : Buffer.concat([this.#chunk, chunk]);
  }

  /** The next whole line, without its end; `undefined` where more has to arrive first. */
  next(): Uint8Array | typeof tooLong | undefined {
    const end = this.#chunk.indexOf(newline);
    const part = end < 0 ? this.#chunk : this.#chunk.subarray(0, end);
    this.#length += part.length;
    if (this.#length <= this.#longest) this.#begun.push(part);
    else this.#begun = [];
    this.#chunk = this.#chunk.subarray(end < 0 ? this.#chunk.length : end + 1);
    if (end < 0) return undefined;
    const line = this.#length <= this.#longest ? joined(this.#begun) : tooLong;
    this.#begun = [];
    this.#length = 0;
    return line;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
