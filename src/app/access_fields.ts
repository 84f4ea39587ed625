/**
 * What a line of the access log may have besides its time.
 *
 * @module
 */

/** Each of the fields of `--access-log-fields`. */
export const accessLogFields = [
  "method",
  "path",
  "status",
  "duration",
  "client",
  "request_id",
  "trace_id",
  "user_agent",
  "referer",
  "host",
  "protocol",
  "bytes",
] as const;

/** One of them. */
export type AccessLogField = typeof accessLogFields[number];

/** Those of a line where none are asked for. */
export const defaultAccessLogFields = "method,path,status,duration,client";

/** Those that are known when a request has been answered, without looking at its head. */
const answeredFields: readonly AccessLogField[] = [
  "method",
  "path",
  "status",
  "duration",
  "bytes",
];

/** Does a field follow from the head of a request? That has to be looked at before the handler has it. */
export function isOfHead(field: AccessLogField): boolean {
  return !answeredFields.includes(field);
}

/**
 * Reads a value of `--access-log-fields`: words in any case, as those of all options.
 *
 * @throws {Error} A field that there is not, or none at all; the message says which.
 *
 * @example
 * ```ts
 * import { parseAccessLogFields } from "./access_fields.ts";
 *
 * console.assert(parseAccessLogFields("path, status").length === 2);
 * ```
 */
export function parseAccessLogFields(value: string): AccessLogField[] {
  const names = value.split(",").map((name) => name.trim().toLowerCase());
  for (const name of names) {
    if ((accessLogFields as readonly string[]).includes(name)) continue;
    throw new Error(`there is no field "${name}"; there are ${accessLogFields.join(", ")}`);
  }
  return names as AccessLogField[];
}
