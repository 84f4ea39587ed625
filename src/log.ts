/**
 * Hurricane's log: one line per event on standard error, readable on a terminal and JSON elsewhere.
 *
 * Standard output belongs to the handler; a service whose own lines and whose supervisor's lines
 * share one stream cannot be piped anywhere. Every module asks for {@linkcode logger} by its name.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";
import {
  configureSync,
  getConfig,
  getLogger,
  type Logger,
  type LogLevel as LogTapeLevel,
  type LogRecord,
} from "@logtape/logtape";

/** How much is logged: a level and everything above it. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** `auto` is `pretty` where standard error is a terminal and `json` elsewhere. */
export type LogFormat = "auto" | "pretty" | "json";

/** What {@linkcode configureLog} needs to know. */
export interface LogOptions {
  /** The least important level that is logged. Default `info`. */
  logLevel: LogLevel;
  /** The form of a line. Default `auto`. */
  logFormat: LogFormat;
}

const levels: Record<LogLevel, LogTapeLevel> = {
  debug: "debug",
  info: "info",
  warn: "warning",
  error: "error",
};

/**
 * The logger of one part of Hurricane.
 *
 * A message is a LogTape template: text that did not come from this repository goes into a
 * property (`log.info("{line}", { line })`), for a brace in it would be read as a placeholder.
 */
export function logger(part: string): Logger {
  return getLogger(["hurricane", part]);
}

/**
 * Sends Hurricane's log to standard error.
 *
 * Does nothing where the process has configured LogTape itself: an application that embeds
 * Hurricane as a library decides about its own log.
 */
export function configureLog(options: LogOptions): void {
  if (getConfig() !== null) return;
  const format = isPretty(options.logFormat) ? prettyLine : jsonLine;
  configureSync({
    sinks: { stderr: (record: LogRecord) => writeLine(format(record)) },
    loggers: [
      { category: "hurricane", sinks: ["stderr"], lowestLevel: levels[options.logLevel] },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "error" },
    ],
  });
}

/** Are lines in this format for a person to read? */
export function isPretty(format: LogFormat): boolean {
  return format === "pretty" || (format === "auto" && process.stderr.isTTY === true);
}

/**
 * Writes before it returns, so that the last line before an exit is never lost.
 *
 * A log collector that has gone away (EPIPE) must not take the service with it. A terminal that
 * another process switched to non-blocking mode (EAGAIN) is waited for.
 */
export function writeLine(line: string): void {
  let rest = Buffer.from(line);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(2, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

const marks: Partial<Record<LogTapeLevel, string>> = {
  debug: "\x1b[2mDEBUG\x1b[0m",
  info: "\x1b[32mINFO\x1b[0m ",
  warning: "\x1b[33mWARN\x1b[0m ",
  error: "\x1b[31mERROR\x1b[0m",
};

function text(record: LogRecord): string {
  return record.message.map((part) => typeof part === "string" ? part : String(part)).join("");
}

/** `{"time":…,"level":"info","part":"commands","message":…}` and the message's properties. */
function jsonLine(record: LogRecord): string {
  return JSON.stringify({
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    part: record.category[1],
    message: text(record),
    ...record.properties,
  }) + "\n";
}

/** `12:34:56.789 INFO  commands  message`, coloured; an error's stack follows on its own lines. */
function prettyLine(record: LogRecord): string {
  const time = new Date(record.timestamp).toISOString().slice(11, 23);
  const stack = record.properties["stack"];
  const trace = typeof stack === "string" ? `\n${stack.replace(/^/gm, "    ")}` : "";
  const part = (record.category[1] ?? "").padEnd(10);
  return `\x1b[2m${time}\x1b[0m ${marks[record.level] ?? record.level} \x1b[2m${part}\x1b[0m ${
    text(record)
  }${trace}\n`;
}
