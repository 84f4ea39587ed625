import { Buffer } from "../natives.ts";
import type { AccessLogField } from "./access_fields.ts";
import { escaped, plainly } from "./access_text.ts";

/** How much of a method, a client or a number is logged, in characters. */
const longestWord = 64;

/** How much is gathered before it is to be written, in bytes. */
const enough = 32 * 1024;

/** No line that is put together here is longer, in bytes: it is what a pipe takes whole. */
const longestLine = 4096;

/** Which texts are short: up to some such length, on both runtimes. */
const short = 128;

/** Which characters stand for themselves in a line: those that `escaped` leaves as they are. */
const isPlain = Uint8Array.from({ length: 128 }, (_, code) => {
  const text = String.fromCharCode(code);
  return Number(escaped(text, longestWord) === text);
});

const pieces = {
  method: piece(',"method":"'),
  path: piece(',"path":"'),
  status: piece(',"status":'),
  duration: piece(',"duration_ms":'),
  length: piece(',"bytes":'),
  client: piece(',"client":"'),
};

const [zero, space, quote, brace, lineEnd, point] = [0x30, 0x20, 0x22, 0x7d, 0x0a, 0x2e];

/**
 * Lines of the access log, gathered as the bytes that are written: to make texts of their parts, and of
 * those longer ones, leaves all of them to be collected.
 */
export class AccessBytes {
  #bytes = Buffer.alloc(enough + longestLine);
  #length = 0;
  #time = "";
  #beginning = piece("");
  readonly #longestPath: number;
  readonly #hasMethod: boolean;
  readonly #hasPath: boolean;
  readonly #hasStatus: boolean;
  readonly #hasDuration: boolean;
  readonly #hasClient: boolean;

  /**
   * @param fields what a line of JSON has
   * @param longestPath how much of a path, in characters
   */
  constructor(fields: readonly AccessLogField[], longestPath: number) {
    this.#longestPath = longestPath;
    this.#hasMethod = fields.includes("method");
    this.#hasPath = fields.includes("path");
    this.#hasStatus = fields.includes("status");
    this.#hasDuration = fields.includes("duration");
    this.#hasClient = fields.includes("client");
  }

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

  /**
   * Adds a line of JSON. Its time is mostly that of the line before.
   *
   * @param caller the address of the client where that is one of the fields, and otherwise all that is left
   * of the line, as JSON
   * @param length of the answer
   */
  addJson(
    time: string,
    method: string,
    path: string,
    status: number,
    microseconds: number,
    caller: string | undefined,
    length: number | undefined,
  ): void {
    if (time !== this.#time) {
      this.#time = time;
      this.#beginning = piece(`{"time":"${time}","level":"info","part":"access","message":"`);
    }
    const [hasMethod, hasPath, hasStatus] = [this.#hasMethod, this.#hasPath, this.#hasStatus];
    const bytes = this.#bytes;
    bytes.set(this.#beginning, this.#length);
    const verb = this.#length + this.#beginning.length;
    const verbEnd = hasMethod ? putText(bytes, verb, method, longestWord) : verb;
    const target = hasPath && hasMethod ? putByte(bytes, verbEnd, space) : verbEnd;
    const targetEnd = hasPath ? putText(bytes, target, path, this.#longestPath) : target;
    const code = hasStatus && targetEnd > verb ? putByte(bytes, targetEnd, space) : targetEnd;
    const codeEnd = hasStatus ? putNumber(bytes, code, status) : code;
    let at = putByte(bytes, codeEnd, quote);
    if (hasMethod) {
      at = putBytes(bytes, at, pieces.method);
      at = putAgain(bytes, at, verb, verbEnd);
      at = putByte(bytes, at, quote);
    }
    if (hasPath) {
      at = putBytes(bytes, at, pieces.path);
      at = putAgain(bytes, at, target, targetEnd);
      at = putByte(bytes, at, quote);
    }
    if (hasStatus) {
      at = putBytes(bytes, at, pieces.status);
      at = putAgain(bytes, at, code, codeEnd);
    }
    if (this.#hasDuration) {
      at = putBytes(bytes, at, pieces.duration);
      at = putThousandths(bytes, at, microseconds);
    }
    if (length !== undefined) {
      at = putBytes(bytes, at, pieces.length);
      at = putNumber(bytes, at, length);
    }
    if (caller !== undefined) {
      if (this.#hasClient) {
        at = putBytes(bytes, at, pieces.client);
        at = putText(bytes, at, plainly(caller), longestWord);
        at = putByte(bytes, at, quote);
      } else at = putReady(bytes, at, caller);
    }
    at = putByte(bytes, at, brace);
    this.#length = putByte(bytes, at, lineEnd);
  }

  /** Adds a line that is one already, however long. */
  addLine(line: string): void {
    const bytes = Buffer.from(line);
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.alloc(length + longestLine);
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
function putByte(bytes: Buffer, at: number, byte: number): number {
  bytes[at] = byte;
  return at + 1;
}

function putBytes(bytes: Buffer, at: number, some: Uint8Array): number {
  for (let index = 0; index < some.length; index++) bytes[at + index] = some[index]!;
  return at + some.length;
}

function putAgain(bytes: Buffer, at: number, from: number, end: number): number {
  for (let index = from; index < end; index++) bytes[at++] = bytes[index]!;
  return at;
}

/** A text as {@linkcode escaped} has it, which few need to be asked for. */
function putText(bytes: Buffer, at: number, text: string, most: number): number {
  const { length } = text;
  if (length > most) return at + bytes.write(escaped(text, most), at);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (isPlain[code] !== 1) return at + bytes.write(escaped(text, most), at);
    bytes[at + index] = code;
  }
  return at + length;
}

/** A text as it is. A short one is sooner put character by character than by the runtime. */
function putReady(bytes: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length > short) return at + bytes.write(text, at);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) return at + bytes.write(text, at);
    bytes[at + index] = code;
  }
  return at + length;
}

/** A number as JavaScript writes it. */
function putNumber(bytes: Buffer, at: number, value: number): number {
  const isSmall = value >= 0 && value < 1000 && value === Math.trunc(value);
  if (!isSmall) return putText(bytes, at, String(value), longestWord);
  if (value >= 100) bytes[at++] = zero + Math.trunc(value / 100);
  if (value >= 10) bytes[at++] = zero + Math.trunc(value / 10) % 10;
  bytes[at] = zero + value % 10;
  return at + 1;
}

/** A whole number of thousandths, as JavaScript writes it. */
function putThousandths(bytes: Buffer, at: number, value: number): number {
  if (!(value >= 0 && value < 1_000_000)) {
    return putText(bytes, at, String(value / 1000), longestWord);
  }
  const rest = value % 1000;
  at = putNumber(bytes, at, (value - rest) / 1000);
  if (rest === 0) return at;
  bytes[at++] = point;
  bytes[at++] = zero + Math.trunc(rest / 100);
  if (rest % 100 === 0) return at;
  bytes[at++] = zero + Math.trunc(rest / 10) % 10;
  if (rest % 10 !== 0) bytes[at++] = zero + rest % 10;
  return at;
}
