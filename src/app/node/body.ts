import type { IncomingMessage } from "node:http";
import { contentLength } from "../../request_head.ts";

/**
 * Keeps a request's body from being longer than `limit` bytes.
 *
 * @param exceeded called when one that does not tell its length, or something else in its place, turns
 * out longer
 * @returns Is it longer, as it says itself?
 */
export function limitBody(req: IncomingMessage, limit: number, exceeded: () => void): boolean {
  const told = req.headers["content-length"];
  const length = told === undefined ? undefined : contentLength(told);
  if (length !== undefined) return length > limit;
  if (told === undefined && req.headers["transfer-encoding"] === undefined) return false;
  let seen = 0;
  const { push } = req;
  req.push = (chunk: Uint8Array | string | null, ...rest: []): boolean => {
    const before = seen;
    seen += chunk?.length ?? 0;
    if (seen <= limit) return push.call(req, chunk, ...rest);
    // What comes after that is read and thrown away: the client is to see its answer.
    if (before <= limit) exceeded();
    return true;
  };
  return false;
}
