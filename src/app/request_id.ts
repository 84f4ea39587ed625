/**
 * By what a request is known wherever it goes.
 *
 * @module
 */
import process from "node:process";

/** The header that most proxies and frameworks have for it. */
export const requestIdHeader = "x-request-id";

/** What may stand in a log, a header and a query as it is. */
const sane = /^[\w.:+/=@-]{1,128}$/;

/** What a proxy in front has called a request, or a new name where that is none. */
export function requestIdOf(given: string | null | undefined): string {
  if (typeof given === "string" && sane.test(given)) return given;
  // Late: cryptography takes its time to load, and few services name their requests.
  return process.getBuiltinModule("node:crypto").randomUUID();
}

/** `version-traceid-parentid-flags`; a later version may have more behind it: W3C Trace Context §3.2. */
const traceparent =
  /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-.*)?$/;

/** The trace that a request is part of, by its header `traceparent`. */
export function traceIdOf(given: string | null | undefined): string | undefined {
  const [, id, more] = traceparent.exec(given ?? "") ?? [];
  // The version that there is has nothing more.
  return more !== undefined && given?.startsWith("00-") ? undefined : id;
}
