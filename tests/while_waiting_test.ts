import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { whileWaiting } from "../src/while_waiting.ts";
import { eventually } from "./support/wait.ts";

test("whileWaiting says more and more rarely how long it takes, until it is ended", async () => {
  const pauses: number[] = [];
  const { setTimeout: real } = globalThis;
  // What is asked for is looked at, and not how long it takes: that depends on the machine.
  globalThis.setTimeout = ((call: () => void, pause: number) => {
    if (pause < 1000) return real(call, pause);
    pauses.push(pause);
    return real(call, 0);
  }) as typeof setTimeout;
  const told: string[] = [];
  try {
    const end = whileWaiting((time) => {
      told.push(time);
      if (told.length === 9) end();
    });
    await eventually("nine lines", () => told.length >= 9);
  } finally {
    globalThis.setTimeout = real;
  }
  const seconds = pauses.slice(0, 9).map((pause) => pause / 1000);
  assertEquals(seconds, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
});
