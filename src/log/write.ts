/**
 * How lines get to standard error: whole, whoever else writes to it.
 *
 * @module
 */
import { writeSync } from "node:fs";
import { runtime } from "../runtime/mod.ts";
import { within } from "../within.ts";
import { Buffer } from "../natives.ts";

/**
 * What a pipe takes in one piece, in bytes: of a longer write a part may come later, and what other
 * processes write between them. `PIPE_BUF` on Linux, https://man7.org/linux/man-pages/man7/pipe.7.html
 */
export const wholeWrite = 4096;

/** How many of the first bytes are written at once: whole lines, as many as a pipe takes in one piece. */
export function wholeLines(bytes: Uint8Array): number {
  if (bytes.length <= wholeWrite) return bytes.length;
  const last = bytes.lastIndexOf(newline, wholeWrite - 1);
  if (last >= 0) return last + 1;
  const next = bytes.indexOf(newline, wholeWrite);
  return next < 0 ? bytes.length : next + 1;
}

const newline = 0x0a;

/**
 * Writes before it returns, so that the last line before an exit is never lost.
 *
 * A log collector that has gone away (EPIPE) must not take the service with it. A terminal that
 * another process switched to non-blocking mode (EAGAIN) is waited for.
 *
 * @param lines one or more
 */
export function writeLines(lines: string | Uint8Array): void {
  let rest = typeof lines === "string" ? Buffer.from(lines) : lines;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(2, rest, 0, wholeLines(rest)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** How much may wait for the reader of the log, in characters: until then, until lines are lost. */
const [comfortableBacklog, longestBacklog] = [256 * 1024, 8 * 1024 * 1024];

/** How long a flush waits for a reader that has stalled, in milliseconds. */
const stalledAfter = 1000;

/**
 * Writes to standard error without blocking the event loop. Where the reader of a full pipe has
 * stalled, the probes must answer all the same: lines wait, and at last the less important are lost.
 */
export class BackgroundWriter {
  readonly #lostLine: (count: number) => string;
  readonly #write: (bytes: Uint8Array) => Promise<number>;
  #waiting: string[] = [];
  #backlog = 0;
  #lost = 0;
  #written = 0;
  #stalledAt: number | undefined;
  #writing: Promise<void> | undefined;

  /**
   * @param lostLine the line that tells of lost ones
   * @param write writes the beginning of the bytes, and tells how many
   */
  constructor(
    lostLine: (count: number) => string,
    write: (bytes: Uint8Array) => Promise<number> = (bytes) => runtime.writeLog(bytes),
  ) {
    this.#lostLine = lostLine;
    this.#write = write;
  }

  /** Does little wait? Whoever could write without an end had better wait otherwise. */
  get hasRoom(): boolean {
    return this.#backlog <= comfortableBacklog;
  }

  /** Returns at once. What is important may take twice the room. */
  write(line: string, important: boolean): void {
    if (this.#backlog > (important ? 2 * longestBacklog : longestBacklog)) this.#lost++;
    else {
      this.#waiting.push(line);
      this.#backlog += line.length;
    }
    if (this.#waiting.length > 0) this.#writing ??= this.#writeAll();
  }

  /**
   * Resolves when everything has been written, or the reader has stalled: at once, where it is known to
   * and has read nothing since.
   */
  async flush(): Promise<void> {
    while (this.#writing !== undefined && this.#stalledAt !== this.#written) {
      const before = this.#written;
      await within(stalledAfter, this.#writing);
      if (before === this.#written) this.#stalledAt = before;
    }
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      let rest: Uint8Array = Buffer.from(this.#waiting.join(""));
      this.#waiting = [];
      if (this.#lost > 0) this.#waiting.push(this.#lostLine(this.#lost));
      this.#lost = 0;
      this.#backlog = rest.length;
      while (rest.length > 0) {
        const size = await this.#write(rest.subarray(0, wholeLines(rest)));
        rest = rest.subarray(size);
        this.#written += size;
        this.#backlog = Math.max(0, this.#backlog - size);
      }
    }
    // In the same turn in which nothing was left: a line that comes next begins anew.
    this.#writing = undefined;
  }
}
