import { inspect } from "node:util";

/**
 * Hurricane was used wrongly: exit code 2, before anything has started.
 *
 * The message is one line. It names the option as the user wrote it (`--port`, `HURRICANE_PORT`,
 * or `port` in a program), what was given, and what is allowed.
 */
export class UsageError extends Error {
  /** `UsageError` */
  override name = "UsageError";

  /** Line breaks become blanks. */
  constructor(message: string) {
    super(message.replaceAll(/\s*[\r\n]+\s*/g, " "));
  }
}

/** A value as an error shows it: quoted, on one line, and cut where it is long. */
export function quote(value: unknown): string {
  if (typeof value !== "string") return inspect(value, { depth: 0, breakLength: Infinity });
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
