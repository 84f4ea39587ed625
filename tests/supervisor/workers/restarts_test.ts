import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { Restarts } from "../../../src/supervisor/workers/restarts.ts";

/** What `next` says at each of these moments, in milliseconds. */
function at(maxRestarts: number, ...times: number[]): (number | undefined)[] {
  let now = 0;
  const restarts = new Restarts(maxRestarts, () => now);
  return times.map((time) => {
    now = time;
    return restarts.next();
  });
}

describe("Restarts", () => {
  test("come at once, then after pauses that double, as long as all fit in half a minute", () => {
    assertEquals(at(7, ...Array(7).fill(0)), [0, 100, 200, 400, 800, 1600, 3200]);
    const pauses = at(10, ...Array(10).fill(0));
    assertEquals(pauses, [0, 100, 200, 400, 800, 1600, 3000, 3000, 3000, 3000]);
  });

  test("end after as many within a minute", () => {
    assertEquals(at(2, 0, 1, 2, 59_999), [0, 100, undefined, undefined]);
    assertEquals(at(0, 0), [undefined]);
  });

  test("are forgotten after a minute, one by one", () => {
    assertEquals(at(2, 0, 30_000, 60_000, 60_001, 90_000), [0, 100, 100, undefined, 100]);
    assertEquals(at(2, 0, 1, 60_001, 60_002), [0, 100, 0, 100]);
  });

  test("that were refused count for nothing", () => {
    assertEquals(at(1, 0, 59_000, 60_000), [0, undefined, 0]);
  });

  test("go by the clock unless another is given", () => {
    const restarts = new Restarts(1);
    assertEquals([restarts.next(), restarts.next()], [0, undefined]);
  });
});
