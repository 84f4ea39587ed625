import { contentLength } from "../request_head.ts";
import { expired, within } from "../within.ts";
import { BodyTooLarge, type FetchHandler } from "./runtime.ts";
import { performance, ReadableStream } from "../natives.ts";

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

/** How much of a body that nobody wants is read before its answer is sent all the same, in bytes. */
export const mostUnwanted = 64 * 1024 * 1024;

/** For how long it is read at most, in milliseconds. */
export const longestUnwanted = 10_000;

/** How long nothing may come of it meanwhile, in milliseconds. */
export const unwantedSilence = 2000;

/**
 * The length of its body that a request tells; `undefined` where it tells none that could be believed.
 *
 * @param told its `Content-Length`
 */
export function toldLength(told: string | null): number | undefined {
  return told === null ? undefined : contentLength(told);
}

/** Reads what is left of a body that nobody wants, within limits, and throws it away. Never rejects. */
export async function discard(reader: BodyReader): Promise<void> {
  const deadline = performance.now() + longestUnwanted;
  try {
    for (let left = mostUnwanted; left > 0 && performance.now() < deadline;) {
      const read = await within(unwantedSilence, reader.read());
      if (read === expired || read.done) return;
      left -= read.value.byteLength;
    }
  } catch {
    // The client has gone, and there is nobody to answer.
  }
}

/** In the place of the handler for a request whose body is known to be longer than `limit` bytes. */
export function refusing(limit: number): FetchHandler {
  return () => {
    throw new BodyTooLarge(limit);
  };
}

/**
 * A body that fails with {@linkcode BodyTooLarge} after `limit` bytes. Nothing of it is read before
 * somebody reads this one.
 *
 * @param exceeded told when that happens, with the reader of what is left
 */
export function countedBody(
  body: ReadableStream<Uint8Array>,
  limit: number,
  exceeded: (reader: BodyReader) => void,
): ReadableStream<Uint8Array> {
  let reader: BodyReader | undefined;
  let seen = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      reader ??= body.getReader();
      const { done, value } = await reader.read();
      if (done) return controller.close();
      seen += value.byteLength;
      if (seen <= limit) return controller.enqueue(value);
      exceeded(reader);
      controller.error(new BodyTooLarge(limit));
    },
    cancel: (reason) => (reader ?? body).cancel(reason),
  }, { highWaterMark: 0 });
}
