/**
 * What tells one version of a file from another, and what a request says of that: RFC 9110 §8.8 and §13.
 *
 * @module
 */
import { Date } from "../../natives.ts";

/** The validators of a file. */
export interface Validators {
  /** A strong one: with its quotes. */
  etag: string;
  /** An HTTP date. */
  lastModified: string;
}

/**
 * The validators of a file by its size and the time of its last change, in milliseconds. All pods
 * that run the same image give the same ones. A time that is yet to come becomes now (§8.8.2.1).
 */
export function validatorsOf(
  { size, modified }: { size: number; modified: number },
  now: number = Date.now(),
): Validators {
  return {
    etag: `"${size.toString(16)}-${Math.floor(modified).toString(16)}"`,
    lastModified: new Date(Math.min(modified, now)).toUTCString(),
  };
}

/**
 * The status that a request's conditions ask for instead of the file, in the order of §13.2.2:
 * `If-Match`, else `If-Unmodified-Since` (412); `If-None-Match`, else `If-Modified-Since` (304).
 */
export function unmetCondition(
  headers: Headers,
  { etag, lastModified }: Validators,
): 304 | 412 | undefined {
  const modified = Date.parse(lastModified);
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null) {
    if (!lists(ifMatch, etag)) return 412;
  } else if (modified > dateIn(headers, "if-unmodified-since")) return 412;
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) {
    // A weak comparison: `W/"x"` matches `"x"`.
    return lists(ifNoneMatch.replaceAll(/\bW\/(?=")/g, ""), etag) ? 304 : undefined;
  }
  return modified <= dateIn(headers, "if-modified-since") ? 304 : undefined;
}

/**
 * May a part be sent, as far as `If-Range` says (§13.1.5)? Its date must be that of the last change, and
 * at least a second ago, for otherwise there may have been another change within that second.
 */
export function rangeMayBeSent(
  headers: Headers,
  { etag, lastModified }: Validators,
  now: number = Date.now(),
): boolean {
  const ifRange = headers.get("if-range");
  if (ifRange === null || ifRange === etag) return true;
  return ifRange === lastModified && now - Date.parse(lastModified) >= 1000;
}

/** Is the tag in a list of entity tags, or is the list `*`? */
function lists(list: string, etag: string): boolean {
  if (list.trim() === "*") return true;
  return list.match(/(W\/)?"[^"]*"/g)?.includes(etag) ?? false;
}

/** A date in milliseconds; `NaN`, which compares with nothing, where there is none. */
function dateIn(headers: Headers, name: string): number {
  const value = headers.get(name) ?? "";
  // The three forms of §5.6.7 begin with a day's name; the oldest does not say that it is in GMT.
  if (!/^[A-Z][a-z]+,? /.test(value)) return NaN;
  return Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
}
