/**
 * Hurricane's log: one line per event on standard error, readable on a terminal and JSON elsewhere.
 *
 * Standard output belongs to the handler. Every module asks for a {@linkcode logger} by its name.
 *
 * It is no package, because it is loaded in the process that runs the handler: there, under Deno,
 * the handler's project decides what a bare import means.
 *
 * @module
 */
import process from "node:process";
import { inColour, isPretty, jsonLine, prettyLine } from "./log/line.ts";
import type { LogFormat, LogLevel, LogOptions, LogProperties, LogRecord } from "./log/record.ts";
import { leaveUnblocked, unblock, writeUnblocked } from "./log/unblocked.ts";
import { BackgroundWriter, writeLines } from "./log/write.ts";
import { Date } from "./natives.ts";
import { visible } from "./plain_text.ts";

export { leaveUnblocked as leaveLog };
export type { LogFormat, LogLevel, LogOptions, LogProperties, LogRecord };

/**
 * Logs for one part of Hurricane.
 *
 * `{name}` in a message stands for the property of that name. Text that did not come from this
 * repository is a property, never part of the message: it may have braces of its own.
 */
export type Logger = Record<LogLevel, (message: string, properties?: LogProperties) => void>;

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

let lowest = levels.length;
let write: (record: LogRecord) => void = () => {};

/**
 * The logger of one part of Hurricane. It is silent until {@linkcode configureLog} is called.
 *
 * @example
 * ```ts
 * import { logger } from "./log.ts";
 *
 * logger("commands").info("[{name}] {line}", { name: "migrate.ts", line: "3 tables created" });
 * ```
 */
export function logger(part: string): Logger {
  const at = (level: LogLevel) => (message: string, properties: LogProperties = {}): void => {
    if (levels.indexOf(level) < lowest) return;
    const record = {
      time: new Date(),
      level,
      part,
      message: fill(message, properties),
      properties,
    };
    write(record);
    heard(record);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

const listeners = new Set<(record: LogRecord) => void>();

/**
 * Has somebody hear of what is logged from now on, besides whoever reads the log: here, and in the
 * processes that pass it on with {@linkcode heard}.
 *
 * @returns what ends that
 */
export function listenToLog(listener: (record: LogRecord) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Tells those who listen of what is in the log already. */
export function heard(record: LogRecord): void {
  for (const listener of listeners) listener(record);
}

/** Sends the log of this process to standard error, or to a sink of one's own. */
export function configureLog(
  { logLevel, logFormat }: LogOptions,
  sink: (record: LogRecord) => void = lineWriter(logFormat),
): void {
  lowest = levels.indexOf(logLevel);
  write = sink;
}

let background: BackgroundWriter | undefined;

/** On a terminal: what is waited for, below the log. */
let status = "";

/** Sends the log of this process to standard error without waiting for whoever reads it. */
export function configureBackgroundLog(options: LogOptions): void {
  const line = isPretty(options.logFormat) ? prettyLine : jsonLine;
  const writer = background ??= new BackgroundWriter(lostLine(line));
  configureLog(options, (record) => {
    // What is waited for gives its line to what has happened.
    const cleared = status === "" ? "" : clearLine;
    status = "";
    writer.write(cleared + line(record), isImportant(record));
  });
}

/**
 * The same for a process that must not lose its last lines whoever ends it: what there is room for is
 * written before a call returns. {@linkcode leaveLog} is to be called when the process ends.
 */
export function configureUnblockedLog(options: LogOptions): void {
  const line = isPretty(options.logFormat) ? prettyLine : jsonLine;
  unblock(lostLine(line));
  configureLog(options, (record) => writeUnblocked(line(record), isImportant(record)));
}

function lostLine(line: (record: LogRecord) => string): (count: number) => string {
  return (count) => {
    const message = `lines of the log were lost, for nobody read them in time: ${count}`;
    return line({ time: new Date(), level: "warn", part: "log", message, properties: {} });
  };
}

function isImportant({ level }: LogRecord): boolean {
  return level === "warn" || level === "error";
}

/** ECMA-48: erases what stands from the cursor to the end of the line. */
const clearLine = "\x1b[K";

/**
 * Shows what is waited for, in one line of a terminal that is written anew each time. The cursor stays at
 * its beginning, so that whatever else is written there takes its place.
 *
 * @param what is waited for; nothing clears the line
 * @param time for how long
 */
export function showStatus(what: string, time = ""): void {
  const text = what === ""
    ? ""
    : `${cut(what, (process.stderr.columns || 80) - time.length - 2)} ${time}`;
  if (text === "" && status === "") return;
  status = text;
  const shown = visible(text).replaceAll("\n", " ");
  background?.write(`${inColour(2, shown)}${clearLine}\r`, false);
}

/** As much of a text as has room. */
function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

/** Resolves when what has been logged is written; after a second without progress at the latest. */
export async function flushLog(): Promise<void> {
  await background?.flush();
}

/**
 * Resolves when little of the log waits for its reader, or when that has stalled. For whoever could
 * write without an end.
 */
export async function logHasRoom(): Promise<void> {
  if (background?.hasRoom === false) await background.flush();
}

function lineWriter(format: LogFormat): (record: LogRecord) => void {
  const line = isPretty(format) ? prettyLine : jsonLine;
  return (record) => writeLines(line(record));
}

function fill(message: string, properties: LogProperties): string {
  return message.replace(/\{(\w+)\}/g, (_all, name: string) => String(properties[name]));
}
