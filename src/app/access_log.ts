import process from "node:process";
import { targetOf } from "./request_path.ts";
import { inColour, isPretty, type LogFormat, writeLine } from "../log.ts";

/** How much is gathered before it is written without waiting for the end of the turn, in characters. */
const enough = 32 * 1024;

/**
 * A line for each request, on standard error like the rest of the log.
 *
 * The lines of one turn of the event loop are written together: a write for each request would
 * cost more than many handlers do.
 */
export class AccessLog {
  #lines = "";
  readonly #clock = new Clock();
  readonly #pretty: boolean;

  constructor(format: LogFormat) {
    this.#pretty = isPretty(format);
    process.on("exit", this.#flush);
  }

  /** Writes what is left. */
  close(): void {
    this.#flush();
    process.off("exit", this.#flush);
  }

  /** Notes one answered request. The path is logged as the runtime gives it, its query included. */
  write(method: string, url: string, status: number, seconds: number, client?: string): void {
    if (this.#lines === "") setImmediate(this.#flush);
    const path = targetOf(url);
    const time = this.#clock.now();
    const milliseconds = Math.round(seconds * 1e6) / 1e3;
    this.#lines += this.#pretty
      ? `${inColour(2, time.slice(11, 23))} ${status} ${method} ${path} ${milliseconds}ms\n`
      : jsonLine(time, method, path, status, milliseconds, client);
    if (this.#lines.length > enough) this.#flush();
  }

  readonly #flush = (): void => {
    const lines = this.#lines;
    this.#lines = "";
    if (lines !== "") writeLine(lines);
  };
}

/** The time of day as text, made once a millisecond. */
class Clock {
  #at = NaN;
  #text = "";

  now(): string {
    const at = Date.now();
    if (at !== this.#at) {
      this.#at = at;
      this.#text = new Date(at).toISOString();
    }
    return this.#text;
  }
}

/** Put together by hand: `JSON.stringify` takes as long as the rest of the request path. */
function jsonLine(
  time: string,
  method: string,
  path: string,
  status: number,
  milliseconds: number,
  client?: string,
): string {
  const [verb, target] = [escaped(method), escaped(path)];
  const from = client === undefined ? "" : `,"client":"${escaped(client)}"`;
  return `{"time":"${time}","level":"info","part":"access","message":"${verb} ${target} ${status}",` +
    `"method":"${verb}","path":"${target}","status":${status},"duration_ms":${milliseconds}${from}}\n`;
}

/** What stands for a text inside the quotes of JSON (RFC 8259 §7). */
function escaped(text: string): string {
  return plain.test(text) ? text : JSON.stringify(text).slice(1, -1);
}

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
