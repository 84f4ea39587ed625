import { describe, test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { truncateSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { streamOf } from "../../../src/app/static/stream.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { openFiles } from "./served.ts";
import { eventually } from "../../support/wait.ts";

const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);

/** A stream of a part of a file, which is open until somebody closes it. */
async function streamed(dir: TempDir, start = 0, end = bytes.length) {
  const path = dir.file("file", bytes);
  const stream = streamOf(await open(path), { start, end });
  assertEquals(openFiles(dir.path), [path]);
  return { path, stream };
}

async function read(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

describe("streamOf", () => {
  const chunk = 64 * 1024;
  for (
    const [start, end] of [
      [0, bytes.length],
      [0, 1],
      [bytes.length - 1, bytes.length],
      [0, chunk],
      [1, chunk + 1],
      [chunk - 1, chunk + 1],
      [100, 2 * chunk + 100],
    ]
  ) {
    test(`reads from ${start} to ${end}, and closes the file`, async () => {
      using dir = new TempDir();
      const { stream } = await streamed(dir, start, end);
      assertEquals(await read(stream), bytes.slice(start, end));
      await eventually("the file to be closed", () => openFiles(dir.path).length === 0);
    });
  }

  test("closes the file where nobody wants it any more", async () => {
    using dir = new TempDir();
    for (const chunks of [0, 1, 2]) {
      const { stream } = await streamed(dir);
      const reader = stream.getReader();
      for (let n = 0; n < chunks; n++) await reader.read();
      await reader.cancel();
      assertEquals(openFiles(dir.path), []);
    }
  });

  test("closes the file after a read that is under way, not before", async () => {
    using dir = new TempDir();
    const file = await open(dir.file("file", bytes));
    const events: string[] = [];
    const [begun, slow] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const watched = {
      async read(...args: Parameters<FileHandle["read"]>) {
        begun.resolve();
        await slow.promise;
        events.push("read");
        return await file.read(...args);
      },
      close() {
        events.push("closed");
        return file.close();
      },
    };
    const stream = streamOf(watched as unknown as FileHandle, { start: 0, end: 10 });
    const reader = stream.getReader();
    const reading = reader.read();
    await begun.promise;
    const cancelled = reader.cancel();
    slow.resolve();
    await cancelled;
    assertEquals([events, (await reading).done], [["read", "closed"], true]);
    assertEquals(openFiles(dir.path), []);
  });

  test("reads nothing before it is asked to", async () => {
    using dir = new TempDir();
    const { path, stream } = await streamed(dir, 0, 10);
    truncateSync(path);
    dir.file("file", "changed in between");
    assertEquals(new TextDecoder().decode(await read(stream)), "changed in");
  });

  test("fails where the file has become shorter, and closes it", async () => {
    using dir = new TempDir();
    const { path, stream } = await streamed(dir);
    truncateSync(path, 100_000);
    await assertRejects(() => read(stream), Error, "the file ends at 100000, before 200000");
    assertEquals(openFiles(dir.path), []);
  });
});
