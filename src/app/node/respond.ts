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

/** Sends a `Response` over a response of `node:http`. Resolves when it is sent, or its client has left. */
export async function sendResponse(response: Response, res: ServerResponse): Promise<void> {
  res.statusCode = response.status;
  for (const [name, value] of response.headers) res.appendHeader(name, value);
  if (response.body === null || res.req.method === "HEAD") {
    await response.body?.cancel();
    res.end();
    return;
  }
  const body = Readable.fromWeb(response.body as NodeReadableStream<Uint8Array>);
  await pipeline(body, res).catch((error: NodeJS.ErrnoException) => {
    // Its client has left.
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  });
}
