import { logger, type LogLevel } from "../log.ts";

/** What is to be said of a handler, as its process tells the supervisor. */
export interface Remark {
  level: Extract<LogLevel, "info" | "warn">;
  /** With a placeholder for each property, as for a `Logger`. */
  message: string;
  properties: Record<string, string | number>;
}

const log = logger("handler");

let tell: ((remark: Remark) => void) | undefined;

/** Has somebody say what is said of the handler: the supervisor, in a process that has one. */
export function tellRemarks(to: (remark: Remark) => void): void {
  tell = to;
}

/**
 * Logs what is as true of each process of a handler as of the first one, such as what an option
 * overrules: however many there are, the supervisor says it once.
 */
export const remarks: Record<"info" | "warn", Say> = { info: at("info"), warn: at("warn") };

type Say = (message: string, properties?: Remark["properties"]) => void;

function at(level: Remark["level"]): Say {
  return (message, properties = {}) => {
    if (tell === undefined) log[level](message, properties);
    else tell({ level, message, properties });
  };
}
