/**
 * Lines to standard error that do not wait for its reader, from a process whose event loop must not
 * stand still: that of the handler.
 *
 * @module
 */
import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { runtime } from "../runtime/mod.ts";
import { Buffer, performance, setTimeout } from "../natives.ts";
import { wholeLines, writeLines } from "./write.ts";

/** How much may wait for the reader, in bytes, until lines are lost; important ones may take twice that. */
const longestBacklog = 8 * 1024 * 1024;

/** How long it is waited until the reader is looked at again, in milliseconds. */
const patience = 20;

/** How long a reader that reads nothing is waited for at the end, in milliseconds. */
const stalledAfter = 1000;

/** The system has no room for what was to be written. */
const full = Symbol("full");

/**
 * Writes at once what a pipe has room for, and the rest when there is more. That costs what a write does,
 * and nothing is in another thread when the process ends.
 */
export class UnblockedWriter {
  readonly #descriptor: number;
  readonly #lostLine: (count: number) => string;
  #waiting: Uint8Array[] = [];
  #backlog = 0;
  #lost = 0;
  #lastWritten = 0;
  #leaving = false;

  /**
   * @param descriptor of a pipe, on which a write does not block
   * @param lostLine the line that tells of lost ones
   */
  constructor(descriptor: number, lostLine: (count: number) => string) {
    this.#descriptor = descriptor;
    this.#lostLine = lostLine;
  }

  /** Takes lines, one or more. Bytes are the caller's again when it returns. */
  write(lines: string | Uint8Array, important: boolean): void {
    const bytes = typeof lines === "string" ? Buffer.from(lines) : lines;
    const rest = this.#backlog > 0 ? bytes : this.#put(bytes);
    if (rest.length === 0) return;
    if (this.#backlog > (important ? 2 * longestBacklog : longestBacklog)) {
      this.#lost += countLines(rest);
      return;
    }
    if (this.#backlog === 0) {
      this.#lastWritten = performance.now();
      setTimeout(this.#again, patience);
    }
    // A copy: `slice` of a Buffer would be the same memory.
    this.#waiting.push(new Uint8Array(rest));
    this.#backlog += rest.length;
    if (this.#leaving) this.#waitForReader();
  }

  /** The process ends: what waits is waited for, and what comes from now on, unless nobody reads. */
  leave(): void {
    this.#leaving = true;
    this.#waitForReader();
  }

  readonly #again = (): void => {
    this.#drain();
    if (this.#backlog > 0) setTimeout(this.#again, patience);
  };

  #waitForReader(): void {
    for (;;) {
      this.#drain();
      if (this.#backlog === 0 || performance.now() - this.#lastWritten > stalledAfter) return;
      Atomics.wait(pause, 0, 0, 1);
    }
  }

  /** Writes what waits, as far as there is room. */
  #drain(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const rest = this.#put(first);
      this.#backlog -= first.length - rest.length;
      if (rest.length < first.length) this.#lastWritten = performance.now();
      if (rest.length > 0) {
        this.#waiting[0] = rest;
        return;
      }
      this.#waiting.shift();
    }
    if (this.#lost === 0) return;
    const line = this.#lostLine(this.#lost);
    this.#lost = 0;
    this.write(line, true);
  }

  /** Writes as much as there is room for, and gives the rest. */
  #put(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    while (rest.length > 0) {
      const size = this.#writeOnce(rest);
      if (size === full) return rest;
      rest = rest.subarray(size);
    }
    return rest;
  }

  /** All of it counts as written where the reader is gone: nothing can be told any more. */
  #writeOnce(bytes: Uint8Array): number | typeof full {
    try {
      return writeSync(this.#descriptor, bytes, 0, wholeLines(bytes));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EAGAIN" ? full : bytes.length;
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

function countLines(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => byte === 0x0a ? count + 1 : count, 0);
}

let writer: UnblockedWriter | undefined;

/**
 * Has {@linkcode writeUnblocked} not wait from now on, where standard error is a pipe that can be opened
 * once more: only then are the others who have it left alone. Linux.
 *
 * @param lostLine the line that tells of lost ones
 */
export function unblock(lostLine: (count: number) => string): void {
  if (writer !== undefined || !runtime.systemCalls) return;
  try {
    if (!fstatSync(2).isFIFO()) return;
    const flags = constants.O_WRONLY | constants.O_NONBLOCK;
    writer = new UnblockedWriter(openSync("/proc/self/fd/2", flags), lostLine);
  } catch {
    // It is closed, another user's, or there is no /proc: writing waits, as everywhere else.
  }
}

/** Writes lines to standard error, after {@linkcode unblock} without waiting for its reader. */
export function writeUnblocked(lines: string | Uint8Array, important: boolean): void {
  if (writer === undefined) writeLines(lines);
  else writer.write(lines, important);
}

/** To be called when the process ends. */
export function leaveUnblocked(): void {
  writer?.leave();
}
