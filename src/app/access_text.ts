/**
 * Texts of a request as they stand in a line of the access log.
 *
 * @module
 */
import { Buffer, JSON } from "../natives.ts";
import { cut } from "../log/line.ts";
import { visibleJson } from "../plain_text.ts";

/** What an IPv4 address begins with where a socket of IPv6 names it (RFC 4291 §2.5.5.2). */
const mapped = "::ffff:";

/** A client's address, as it would be written if IPv4 had a listener of its own. */
export function plainly(client: string): string {
  return client.startsWith(mapped) && client.includes(".") ? client.slice(mapped.length) : client;
}

/**
 * What stands for a text inside the quotes of JSON (RFC 8259 §7): of one that is longer than `most`
 * characters the beginning, so that a line is what a pipe takes whole, with both of its paths. Nothing is left
 * where not even what says how much is missing has room.
 */
export function escaped(text: string, most: number): string {
  if (text.length <= most && plain.test(text)) return text;
  for (let length = most; length > 0; length = Math.floor(length / 2)) {
    const inside = visibleJson(JSON.stringify(cut(text, length)).slice(1, -1));
    if (Buffer.byteLength(inside) <= 1.5 * most) return inside;
  }
  return "";
}

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
