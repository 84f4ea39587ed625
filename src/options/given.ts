import type { Option } from "./option.ts";
import { quote, UsageError } from "./usage_error.ts";

/** A value and the name under which the user gave it: a flag, a variable or a key. */
export interface Given {
  name: string;
  value: unknown;
}

/** The value of an option as an error shows it: nothing of a secret. */
export function showValue(value: unknown, option: Option): string {
  if (option.show === undefined) return quote(value);
  const shown = typeof value === "string" ? option.show(value) : undefined;
  return shown === undefined ? "" : quote(shown);
}

/** The error about a value: the option, what was given unless it is secret, and what is allowed. */
export function wrongValue({ name, value }: Given, option: Option, reason?: string): UsageError {
  const shown = showValue(value, option);
  if (reason !== undefined) return new UsageError(`${name}${shown && ` ${shown}`}: ${reason}`);
  return new UsageError(`${name} must be ${option.allowed}${shown && `, not ${shown}`}`);
}
