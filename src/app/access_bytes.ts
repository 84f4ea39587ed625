import { Buffer } from "../natives.ts";
import { escaped, plainly } from "./access_text.ts";

/** How much of a method and of a path is logged, in characters. */
const [longestMethod, longestPath] = [64, 1200];

/** How much is gathered before it is to be written, in bytes. */
const enough = 32 * 1024;

/** No line that is put together here is longer, in bytes: it is what a pipe takes whole. */
const longestLine = 4096;

/** Which characters stand for themselves in a line: those that `escaped` leaves as they are. */
const isPlain = Uint8Array.from({ length: 128 }, (_, code) => {
  const text = String.fromCharCode(code);
  return Number(escaped(text, longestMethod) === text);
});

const pieces = {
  method: piece('","method":"'),
  path: piece('","path":"'),
  status: piece('","status":'),
  duration: piece(',"duration_ms":'),
  client: piece(',"client":"'),
  end: piece('"}\n'),
  endWithoutClient: piece("}\n"),
};

const [zero, space] = [0x30, 0x20];

/**
 * Lines of the access log, gathered as the bytes that are written: to make texts of their parts, and of
 * those longer ones, leaves all of them to be collected.
 */
export class AccessBytes {
  #bytes = new Uint8Array(enough + longestLine);
  #length = 0;
  #time = "";
  #head = piece("");

  /** Has nothing been gathered? */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Has enough been gathered? It is to be taken before anything is added. */
  get isFull(): boolean {
    return this.#length > enough;
  }

  /** What has been gathered, which stays as it is until more is added. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Adds a line of JSON. Its time is mostly that of the line before. */
  addJson(
    time: string,
    method: string,
    path: string,
    status: number,
    microseconds: number,
    client: string | undefined,
  ): void {
    if (time !== this.#time) {
      this.#time = time;
      this.#head = piece(`{"time":"${time}","level":"info","part":"access","message":"`);
    }
    const bytes = this.#bytes;
    const start = this.#length;
    bytes.set(this.#head, start);
    const verb = start + this.#head.length;
    const verbEnd = putText(bytes, verb, method, longestMethod);
    bytes[verbEnd] = space;
    const target = verbEnd + 1;
    const targetEnd = putText(bytes, target, path, longestPath);
    bytes[targetEnd] = space;
    const code = targetEnd + 1;
    const codeEnd = putNumber(bytes, code, status);
    let at = putBytes(bytes, codeEnd, pieces.method);
    at = putAgain(bytes, at, verb, verbEnd);
    at = putBytes(bytes, at, pieces.path);
    at = putAgain(bytes, at, target, targetEnd);
    at = putBytes(bytes, at, pieces.status);
    at = putAgain(bytes, at, code, codeEnd);
    at = putBytes(bytes, at, pieces.duration);
    at = putThousandths(bytes, at, microseconds);
    if (client === undefined) at = putBytes(bytes, at, pieces.endWithoutClient);
    else {
      at = putBytes(bytes, at, pieces.client);
      at = putText(bytes, at, plainly(client), longestMethod);
      at = putBytes(bytes, at, pieces.end);
    }
    this.#length = at;
  }

  /** Adds a line that is one already, however long. */
  addLine(line: string): void {
    const bytes = Buffer.from(line);
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(length + longestLine);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }
}

function piece(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** These put something at a place, and tell which place is next. */
function putBytes(bytes: Uint8Array, at: number, some: Uint8Array): number {
  for (let index = 0; index < some.length; index++) bytes[at + index] = some[index]!;
  return at + some.length;
}

function putAgain(bytes: Uint8Array, at: number, from: number, end: number): number {
  for (let index = from; index < end; index++) bytes[at++] = bytes[index]!;
  return at;
}

/** A text as {@linkcode escaped} has it, which few need to be asked for. */
function putText(bytes: Uint8Array, at: number, text: string, most: number): number {
  const { length } = text;
  if (length > most) return putEscaped(bytes, at, text, most);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (isPlain[code] !== 1) return putEscaped(bytes, at, text, most);
    bytes[at + index] = code;
  }
  return at + length;
}

function putEscaped(bytes: Uint8Array, at: number, text: string, most: number): number {
  const encoded = Buffer.from(escaped(text, most));
  bytes.set(encoded, at);
  return at + encoded.length;
}

/** A number as JavaScript writes it. */
function putNumber(bytes: Uint8Array, at: number, value: number): number {
  const isSmall = value >= 0 && value < 1000 && value === Math.trunc(value);
  if (!isSmall) return putText(bytes, at, String(value), longestMethod);
  if (value >= 100) bytes[at++] = zero + Math.trunc(value / 100);
  if (value >= 10) bytes[at++] = zero + Math.trunc(value / 10) % 10;
  bytes[at] = zero + value % 10;
  return at + 1;
}

/** A whole number of thousandths, as JavaScript writes it. */
function putThousandths(bytes: Uint8Array, at: number, value: number): number {
  if (!(value >= 0 && value < 1_000_000)) {
    return putText(bytes, at, String(value / 1000), longestMethod);
  }
  const rest = value % 1000;
  at = putNumber(bytes, at, (value - rest) / 1000);
  if (rest === 0) return at;
  bytes[at++] = 0x2e;
  bytes[at++] = zero + Math.trunc(rest / 100);
  if (rest % 100 === 0) return at;
  bytes[at++] = zero + Math.trunc(rest / 10) % 10;
  if (rest % 10 !== 0) bytes[at++] = zero + rest % 10;
  return at;
}
