import { test } from "node:test";
import { assertEquals } from "@std/assert";
import process from "node:process";
import { unreadStream } from "../../../src/supervisor/workers/unread_stream.ts";

const [write, read] = process.arch === "arm64" ? [64, 63] : [1, 0];

test("tells a write to a standard stream from all else that a process may wait for", () => {
  const said: Record<string, string | undefined> = {
    [`${write} 0x2 0x44e26beb414 0x1388 0x0 0x2 0x7ffc 0x7ffc 0x348`]: "standard error",
    [`${write} 0x1 0x44e26beb414 0x1388 0x0 0x2 0x7ffc 0x7ffc 0x348`]: "standard output",
    [`${write} 0x7 0x44e26beb414 0x1388 0x0 0x2 0x7ffc 0x7ffc 0x348`]: undefined,
    [`${read} 0x2 0x44e26beb414 0x1388 0x0 0x2 0x7ffc 0x7ffc 0x348`]: undefined,
    "running": undefined,
    "-1 0x7ffc 0x348": undefined,
    "": undefined,
  };
  for (const [call, stream] of Object.entries(said)) {
    assertEquals([call, unreadStream(0, call)], [call, stream]);
  }
  // This one runs; and there is none of that number.
  assertEquals([unreadStream(process.pid), unreadStream(0)], [undefined, undefined]);
});
