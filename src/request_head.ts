/**
 * What the head of a request may say of where it goes and how long it is.
 *
 * @module
 */
import process from "node:process";

/** What may be an `IPv6address`, and a port. */
const inBrackets = /^\[([\da-f:.]+)\](?::\d*)?$/i;

/** A port, and before it `IPvFuture` in brackets or `reg-name`: RFC 3986 §3.2.2, §3.2.3. */
const named =
  /^(?:\[v[\da-f]+\.[\w.~!$&'()*+,;=:-]+\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d*)?$/i;

/**
 * Is that a `Host` as RFC 9110 §7.2 has it: a host, and a port after it if any? An empty one is.
 *
 * @example
 * ```ts
 * import { isHost } from "./request_head.ts";
 *
 * console.assert(isHost("[::1]:8080"));
 * console.assert(!isHost("example.org/ready"));
 * ```
 */
export function isHost(value: string): boolean {
  const [, address] = inBrackets.exec(value) ?? [];
  // Late: few requests name an address.
  return address === undefined
    ? named.test(value)
    : process.getBuiltinModule("node:net").isIPv6(address);
}

/**
 * The length that a `Content-Length` tells; `undefined` where it is none. Several that are the same count
 * as one: RFC 9112 §6.3.
 *
 * @example
 * ```ts
 * import { contentLength } from "./request_head.ts";
 *
 * console.assert(contentLength("300, 300") === 300);
 * console.assert(contentLength("3e2") === undefined);
 * ```
 */
export function contentLength(value: string): number | undefined {
  // Hardly any request says it twice.
  if (/^\d+$/.test(value)) return Number(value);
  const [first = "", ...rest] = value.split(",").map((one) => one.replace(/^[ \t]+|[ \t]+$/g, ""));
  if (!/^\d+$/.test(first) || rest.some((one) => one !== first)) return undefined;
  return Number(first);
}

/**
 * What a request asks for: the path of its URL, with its query. On Bun the URL may be that alone; in the
 * request line of HTTP it may be a whole one, or `*` (RFC 9112 §3.2).
 *
 * @example
 * ```ts
 * import { targetOf } from "./request_head.ts";
 *
 * console.assert(targetOf("http://example.org/a?b") === "/a?b");
 * console.assert(targetOf("http://example.org?/a") === "/?/a");
 * ```
 */
export function targetOf(url: string): string {
  if (url.startsWith("/") || url === "*") return url;
  const scheme = url.indexOf("://");
  if (scheme < 0) return "/";
  for (let index = scheme + 3; index < url.length; index++) {
    const code = url.charCodeAt(index);
    if (code === slash) return url.slice(index);
    if (code === questionMark || code === hash) return `/${url.slice(index)}`;
  }
  return "/";
}

const [slash, questionMark, hash] = [0x2f, 0x3f, 0x23];

/** The path of a request's URL, without its query. */
export function pathOf(url: string): string {
  return targetOf(url).replace(/[?#].*$/s, "");
}
