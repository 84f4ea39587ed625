import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { Headers, Request } from "../../natives.ts";

/** A request of `node:http` without a body, for what takes a `Request`. */
export function toRequest({ method, url = "/", headers }: IncomingMessage): Request {
  const init = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(":")) continue;
    for (const one of Array.isArray(value) ? value : [value]) init.append(name, one);
  }
  const target = url.startsWith("/") ? `http://localhost${url}` : url;
  return new Request(target, { method: method ?? "GET", headers: init });
}

/**
 * Sends a `Response` over a response of `node:http`: as a whole, where it does not tell its length. Resolves
 * when it is sent, or its client has left.
 */
export async function sendResponse(response: Response, res: ServerResponse): Promise<void> {
  res.statusCode = response.status;
  for (const [name, value] of response.headers) res.appendHeader(name, value);
  if (response.body === null || res.req.method === "HEAD") {
    await response.body?.cancel();
    res.end();
    return;
  }
  if (!response.headers.has("content-length")) {
    res.end(new Uint8Array(await response.arrayBuffer()));
    return;
  }
  const body = Readable.fromWeb(response.body as NodeReadableStream<Uint8Array>);
  await pipeline(body, res).catch((error: NodeJS.ErrnoException) => {
    // Its client has left.
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  });
}

/**
 * How long the body of a response is, where that was known before it was sent; as `node:http` notes it for
 * itself, also where nobody has set a `Content-Length`.
 */
export function sizeOf(res: ServerResponse): number | undefined {
  const { _contentLength: length } = res as { _contentLength?: number | null };
  return typeof length === "number" ? length : undefined;
}
