import type { LogFormat } from "../log.ts";
import { cut, inColour, isPretty } from "../log/line.ts";
import { visible, visibleJson } from "../plain_text.ts";
import { writeLines } from "../log/write.ts";
import { targetOf } from "../request_head.ts";
import { keepListening, stopListening } from "./kept_listeners.ts";
import { Buffer, Date, JSON, setImmediate } from "../natives.ts";

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
    keepListening("exit", this.#flush);
  }

  /** Writes what is left. */
  close(): void {
    this.#flush();
    stopListening("exit", this.#flush);
  }

  /** Notes one answered request. The path is logged as the runtime gives it, its query included. */
  write(method: string, url: string, status: number, seconds: number, client?: string): void {
    if (this.#lines === "") setImmediate(this.#flush);
    const path = targetOf(url);
    const time = this.#clock.now();
    const milliseconds = Math.round(seconds * 1e6) / 1e3;
    this.#lines += this.#pretty
      ? `${inColour(2, time.slice(11, 23))} ${status} ${
        visible(`${method} ${path}`)
      } ${milliseconds}ms\n`
      : jsonLine(time, method, path, status, milliseconds, client);
    if (this.#lines.length > enough) this.#flush();
  }

  readonly #flush = (): void => {
    const lines = this.#lines;
    this.#lines = "";
    if (lines !== "") writeLines(lines);
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
  const verb = escaped(method, longestMethod);
  const target = escaped(path, longestPath);
  const from = client === undefined
    ? ""
    : `,"client":"${escaped(plainAddress(client), longestMethod)}"`;
  return `{"time":"${time}","level":"info","part":"access","message":"${verb} ${target} ${status}",` +
    `"method":"${verb}","path":"${target}","status":${status},"duration_ms":${milliseconds}${from}}\n`;
}

/** What an IPv4 address begins with where a socket of IPv6 names it (RFC 4291 §2.5.5.2). */
const mapped = "::ffff:";

/** A client's address, as it would be written if IPv4 had a listener of its own. */
export function plainAddress(client: string): string {
  return client.startsWith(mapped) && client.includes(".") ? client.slice(mapped.length) : client;
}

/**
 * What stands for a text inside the quotes of JSON (RFC 8259 §7): of one that is longer than `most`
 * characters the beginning, so that a line is what a pipe takes whole, with both of its paths.
 */
function escaped(text: string, most: number): string {
  if (text.length <= most && plain.test(text)) return text;
  for (let length = most;; length = Math.floor(length / 2)) {
    const inside = visibleJson(JSON.stringify(cut(text, length)).slice(1, -1));
    if (Buffer.byteLength(inside) <= 1.5 * most) return inside;
  }
}

/** How much of a method and of a path is logged, in characters. */
const [longestMethod, longestPath] = [64, 1200];

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
