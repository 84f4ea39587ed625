/** How much is logged: a level and everything above it. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** `auto` is `pretty` where standard error is a terminal and `json` elsewhere. */
export type LogFormat = "auto" | "pretty" | "json";

/** What `configureLog` needs to know. */
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
