/**
 * One event of the log as a line.
 *
 * @module
 */
import { fstatSync } from "node:fs";
import process from "node:process";
import { counted } from "../counted.ts";
import type { LogFormat, LogLevel, LogRecord } from "./record.ts";
import { visible, visibleJson } from "../plain_text.ts";
import { wholeWrite } from "./write.ts";
import { Buffer, JSON } from "../natives.ts";

/** How long a line may be where no other process can come between its parts, in bytes. */
const longestLine = 16 * 1024;

/** What a cut text says of its rest. */
const cutMark = (left: number): string => `… [${counted(left, "more character")}]`;

let terminal: boolean | undefined;

/**
 * Is standard error a terminal? `process.stderr` is asked only where it may be: on Bun it loads
 * `node:net` and streams, which takes 5 ms of a start.
 */
export function toTerminal(): boolean {
  terminal ??= errorStream("isCharacterDevice") && process.stderr.isTTY === true;
  return terminal;
}

let pipe: boolean | undefined;

/** Is standard error a pipe, as in a container, or a socket? Other processes write to it, too. */
function toPipe(): boolean {
  pipe ??= errorStream("isFIFO") || errorStream("isSocket");
  return pipe;
}

function errorStream(is: "isCharacterDevice" | "isFIFO" | "isSocket"): boolean {
  try {
    return fstatSync(2)[is]();
  } catch {
    // It may be closed.
    return false;
  }
}

/** Are lines in this format for a person to read? */
export function isPretty(format: LogFormat): boolean {
  return format === "pretty" || (format === "auto" && toTerminal());
}

/**
 * `{"time":…,"level":"info","part":"commands","message":…}` and the record's properties.
 *
 * Valid Unicode, and not longer than `limit` bytes: by default what a pipe takes whole, or 16 KB where
 * standard error is none. What is too long is cut, the longest texts first, and says by how much.
 */
export function jsonLine(
  { properties, ...record }: LogRecord,
  limit = toPipe() ? wholeWrite : longestLine,
): string {
  // Properties come last, but take nobody's place.
  const fields = { ...record, ...properties, ...record };
  const line = visibleJson(JSON.stringify(fields)) + "\n";
  // Half of a surrogate pair is written as an escape, at which many a reader stops.
  if (!line.includes("\\ud") && fits(line, limit)) return line;
  for (let most = limit; most > 1; most = Math.floor(most / 2)) {
    const shorter = visibleJson(JSON.stringify(fields, (_key, value: unknown) =>
      typeof value === "string" ? cut(value, most) : value)) + "\n";
    if (fits(shorter, limit)) {
      return shorter;
    }
  }
  // So many properties that not even their names have room.
  return visibleJson(JSON.stringify({ ...record, message: cut(record.message, 256) })) + "\n";
}

function fits(line: string, limit: number): boolean {
  return line.length * 3 <= limit || Buffer.byteLength(line) <= limit;
}

/** The beginning of a text, with how much is left out, as valid Unicode. */
export function cut(text: string, most: number): string {
  const kept = text.length <= most ? text : text.slice(0, most) + cutMark(text.length - most);
  return kept.toWellFormed();
}

/** What goes on below a line begins with it. */
const indent = "    ";

/** The ANSI colours of the levels that have a mark: dim, yellow, red. */
const colours: Record<Exclude<LogLevel, "info">, number> = { debug: 2, warn: 33, error: 31 };

/** On a terminal, text in a colour; elsewhere, and with `NO_COLOR` (https://no-color.org), as it is. */
export function inColour(colour: number, text: string): string {
  const plain = !toTerminal() || Boolean(process.env["NO_COLOR"]);
  return plain ? text : `\x1b[${colour}m${text}\x1b[0m`;
}

/** The time of day where this runs: `12:34:56`. */
export function localTime(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
}

/**
 * `12:34:56 WARN message`, coloured; an error's stack follows on its own lines. What is usual has no mark,
 * and the part that it comes from goes unsaid: a terminal may have 80 columns.
 */
export function prettyLine({ time, level, message, properties }: LogRecord): string {
  const clock = inColour(2, localTime(time));
  const mark = level === "info" ? "" : `${inColour(colours[level], level.toUpperCase())} `;
  const { stack } = properties;
  const trace = typeof stack === "string"
    ? `\n${visible(cut(stack, longestLine)).replace(/^/gm, indent)}`
    : "";
  // A text with several lines must not pass for several events.
  const text = visible(cut(message, longestLine)).replaceAll("\n", `\n${indent}`);
  return `${clock} ${mark}${text}${trace}\n`;
}
