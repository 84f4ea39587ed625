import { inColour } from "../log/line.ts";
import { visible } from "../plain_text.ts";
import type { AccessLogField } from "./access_fields.ts";

/** What is known of a request when it has been answered. */
export interface Answered {
  time: string;
  method: string;
  path: string;
  status: number;
  milliseconds: number;
  bytes: number | undefined;
}

/**
 * A line of the access log for a person to read.
 *
 * @param caller what follows from the head of the request, as text
 */
export function prettyAccess(
  fields: readonly AccessLogField[],
  { time, method, path, status, milliseconds, bytes }: Answered,
  caller = "",
): string {
  const has = (field: AccessLogField): boolean => fields.includes(field);
  const what = [...(has("method") ? [method] : []), ...(has("path") ? [path] : [])];
  const parts = [
    inColour(2, time),
    ...(has("status") ? [status] : []),
    ...(what.length > 0 ? [visible(what.join(" "))] : []),
    ...(has("duration") ? [`${milliseconds}ms`] : []),
    ...(bytes === undefined ? [] : [`bytes=${bytes}`]),
  ];
  return `${parts.join(" ")}${caller}\n`;
}
