/**
 * Bodies of requests that are answered before they have come to their end.
 *
 * Where a connection is closed after such an answer (while draining, with HTTP/1.0, where the client
 * asks for it), Bun 1.4 closes it with the rest unread. The client gets a reset then, and often no
 * answer. So the rest is read and thrown away first.
 *
 * @module
 */
import { countedBody, discard, toldLength } from "./bodies.ts";
import { api } from "./bun_api.ts";
import type { FetchHandler } from "./runtime.ts";
import { Response } from "../natives.ts";

/** What is still read of bodies that turned out too large. */
const rests = new WeakMap<Request, Promise<void>>();

/** Bun's part of `Runtime.readRest`. */
export function readRest(request: Request, answer: Response): Response | Promise<Response> {
  const rest = restOf(request, answer);
  return rest === undefined ? answer : rest.then(() => answer);
}

function restOf(request: Request, answer: Response): Promise<void> | undefined {
  if (request.bodyUsed) return rests.get(request);
  const { body } = request;
  if (body === null || body.locked || mayRead(answer)) return undefined;
  return discard(body.getReader());
}

/**
 * May an answer still read the request's body while it is sent, as an echo does? None but a stream
 * can, which is no refusal.
 */
function mayRead(answer: Response): boolean {
  if (!answer.ok) return false;
  // To look at the body itself would make a stream of a text.
  return /^ {2}ReadableStream \{$/m.test(api().inspect(answer, { colors: false }));
}

/**
 * Has `tooLarge` answer for bodies whose length is above `limit`, and those that turn out longer fail
 * with {@linkcode BodyTooLarge}. Bun's own limit must be higher by what may be read of them: it would
 * close the connection at once.
 */
export function limited(
  fetch: FetchHandler,
  limit: number,
  tooLarge: FetchHandler,
): FetchHandler {
  return (request, server) => {
    const { method } = request;
    if (method === "GET" || method === "HEAD") return fetch(request, server);
    const length = toldLength(request.headers.get("content-length"));
    if (length === undefined) limitChunks(request, limit);
    else if (length > limit) return tooLarge(request, server);
    return fetch(request, server);
  };
}

/** Has whoever reads a body of unknown length fail with {@linkcode BodyTooLarge} at the limit. */
function limitChunks(request: Request, limit: number): void {
  const { body } = request;
  if (body === null) return;
  let stream: ReadableStream<Uint8Array> | undefined;
  const counted = (): ReadableStream<Uint8Array> =>
    stream ??= countedBody(body, limit, (reader) => rests.set(request, discard(reader)));
  const type = request.headers.get("content-type");
  const whole = (): Response =>
    new Response(counted(), type === null ? {} : { headers: { "content-type": type } });
  // Another request would be none to Bun's `server`, which knows this one.
  Object.defineProperties(request, {
    body: { get: counted },
    arrayBuffer: { value: () => whole().arrayBuffer() },
    blob: { value: () => whole().blob() },
    bytes: { value: () => whole().bytes() },
    formData: { value: () => whole().formData() },
    json: { value: () => whole().json() },
    text: { value: () => whole().text() },
  });
}
