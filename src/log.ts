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
import { fstatSync, writeSync } from "node:fs";
import process from "node:process";
import { runtime } from "./runtime/mod.ts";
import { within } from "./within.ts";

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

/** What a message is about. A property named `stack` is printed below the line. */
export type LogProperties = Readonly<Record<string, unknown>>;

/** One event. */
export interface LogRecord {
  time: Date;
  level: LogLevel;
  /** The part of Hurricane that it comes from. */
  part: string;
  /** With its placeholders filled in. */
  message: string;
  properties: LogProperties;
}

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
    write({ time: new Date(), level, part, message: fill(message, properties), properties });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
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

/** Sends the log of this process to standard error without waiting for whoever reads it. */
export function configureBackgroundLog(options: LogOptions): void {
  const line = isPretty(options.logFormat) ? prettyLine : jsonLine;
  const writer = background ??= new BackgroundWriter((count) => {
    const message = `${count} lines of the log were lost: nobody read them in time`;
    return line({ time: new Date(), level: "warn", part: "log", message, properties: {} });
  });
  configureLog(options, (record) => {
    const important = record.level === "warn" || record.level === "error";
    writer.write(line(record), important);
  });
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
  if (background !== undefined && background.backlog > comfortableBacklog) await background.flush();
}

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

  /** What waits, in characters. */
  get backlog(): number {
    return this.#backlog;
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
        const size = await this.#write(rest.subarray(0, 64 * 1024));
        rest = rest.subarray(size);
        this.#written += size;
        this.#backlog = Math.max(0, this.#backlog - size);
      }
    }
    // In the same turn in which nothing was left: a line that comes next begins anew.
    this.#writing = undefined;
  }
}

let terminal: boolean | undefined;

/**
 * Is standard error a terminal? `process.stderr` is asked only where it may be: on Bun it loads
 * `node:net` and streams, which takes 5 ms of a start.
 */
function toTerminal(): boolean {
  terminal ??= isCharacterDevice(2) && process.stderr.isTTY === true;
  return terminal;
}

function isCharacterDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice();
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

function lineWriter(format: LogFormat): (record: LogRecord) => void {
  const line = isPretty(format) ? prettyLine : jsonLine;
  return (record) => writeLine(line(record));
}

function fill(message: string, properties: LogProperties): string {
  return message.replace(/\{(\w+)\}/g, (_all, name: string) => String(properties[name]));
}

/** `{"time":…,"level":"info","part":"commands","message":…}` and the message's properties. */
function jsonLine({ properties, ...record }: LogRecord): string {
  // Properties come last, but take nobody's place.
  return JSON.stringify({ ...record, ...properties, ...record }) + "\n";
}

/** The ANSI colours of the levels: dim, green, yellow, red. */
const colours: Record<LogLevel, number> = { debug: 2, info: 32, warn: 33, error: 31 };

/** On a terminal, text in a colour; elsewhere, and with `NO_COLOR` (https://no-color.org), as it is. */
export function inColour(colour: number, text: string): string {
  const plain = !toTerminal() || Boolean(process.env["NO_COLOR"]);
  return plain ? text : `\x1b[${colour}m${text}\x1b[0m`;
}

/** `12:34:56.789 INFO  commands  message`, coloured; an error's stack follows on its own lines. */
function prettyLine({ time, level, part, message, properties }: LogRecord): string {
  const clock = inColour(2, time.toISOString().slice(11, 23));
  const mark = inColour(colours[level], level.toUpperCase().padEnd(5));
  const { stack } = properties;
  const trace = typeof stack === "string" ? `\n${stack.replace(/^/gm, "    ")}` : "";
  return `${clock} ${mark} ${inColour(2, part.padEnd(10))} ${message}${trace}\n`;
}
