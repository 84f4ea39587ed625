import { expired, within } from "../within.ts";

/** How much of a body that nobody wants is read before its answer is sent all the same, in bytes. */
export const mostUnwanted = 64 * 1024 * 1024;

/** For how long it is read at most, and how long nothing may come of it meanwhile, in milliseconds. */
const [longest, silence] = [10_000, 2000];

/** Reads what is left of a body that nobody wants, within limits, and throws it away. Never rejects. */
export async function discard(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const deadline = performance.now() + longest;
  try {
    for (let left = mostUnwanted; left > 0 && performance.now() < deadline;) {
      const read = await within(silence, reader.read());
      if (read === expired || read.done) return;
      left -= read.value.byteLength;
    }
  } catch {
    // The client has gone, and there is nobody to answer.
  }
}
