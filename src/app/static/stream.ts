import type { FileHandle } from "node:fs/promises";
import type { Part } from "./range.ts";
import { Promise, ReadableStream } from "../../natives.ts";

/** How much is read at once, in bytes. */
const chunkSize = 64 * 1024;

/**
 * A part of a file, read as it is sent. It closes the file at its end, when it fails, and when
 * nobody wants it any more. It fails where the file has become shorter meanwhile: its length was
 * promised.
 */
export function streamOf(file: FileHandle, { start, end }: Part): ReadableStream<Uint8Array> {
  let position = start;
  let reading: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => closing ??= file.close();

  async function read(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const chunk = new Uint8Array(Math.min(chunkSize, end - position));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
      if (bytesRead === 0) throw new Error(`the file ends at ${position}, before ${end}`);
      position += bytesRead;
      controller.enqueue(chunk.subarray(0, bytesRead));
      if (position < end) return;
      controller.close();
    } catch (error) {
      await close();
      throw error;
    }
    await close();
  }

  return new ReadableStream({
    pull: (controller) => reading = read(controller),
    async cancel(): Promise<void> {
      // Not under the feet of a read, whose descriptor could be another file's by then.
      await Promise.allSettled([reading]);
      await close();
    },
  }, { highWaterMark: 0 });
}
