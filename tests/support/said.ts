/**
 * What metrics and access log say of requests.
 *
 * @module
 */
import type { Hurricane } from "./instance.ts";

/** How many requests the metrics have of each status. */
export async function counted(hurricane: Hurricane): Promise<Record<string, number>> {
  const { text } = await hurricane.probe("/metrics");
  const rows = text.matchAll(
    /^http_server_request_duration_seconds_count\{.*status_code="(\d+)".*\} (\d+)$/gm,
  );
  const counts: Record<string, number> = {};
  for (const [, status = "", count] of rows) counts[status] = (counts[status] ?? 0) + Number(count);
  return counts;
}

/** The status that the access log has for a path. */
export async function logged(hurricane: Hurricane, path: string): Promise<number> {
  const line = await hurricane.log.until(
    `${path} in the access log`,
    (line) => line.part === "access" && line["path"] === path,
  );
  return Number(line["status"]);
}
