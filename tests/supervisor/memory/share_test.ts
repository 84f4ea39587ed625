import { describe, test } from "node:test";
import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import {
  freeBefore,
  killAt,
  mostNeeded,
  pauseFor,
  workerShare,
} from "../../../src/supervisor/memory/share.ts";

const mb = 2 ** 20;

/** What a limit leaves a worker, in MB. */
function share(limit: number, workers = 1, start = 6, own = 8): number | undefined {
  const sharing = { limit: limit * mb, workers, own: own * mb, start: start * mb };
  const bytes = workerShare(sharing);
  return bytes && Math.floor(bytes / mb);
}

describe("a limit", () => {
  test("leaves a worker what the others do not need", () => {
    // 512 - 16 free, 8 + 16 for Hurricane itself, 32 for one that starts, 32 for what one outgrows it by.
    assertEquals(share(512), 408);
    assertEquals(share(512, 2), 204);
    assertEquals(share(512, 4), 102);
    assertEquals(share(512, 1, 6, 48), 368);
    assertEquals(share(512, 1, 50), 340);
    assertEquals(share(128), 56);
  });

  test("leaves nothing where a worker would be replaced for what it has when it starts", () => {
    for (const [limit, workers, start] of [[64, 1, 6], [512, 8, 30], [256, 1, 60]] as const) {
      assertEquals(share(limit, workers, start), undefined);
    }
  });

  test("holds all workers with their shares, and one that starts", () => {
    const size = fc.integer({ min: 1, max: 2 ** 36 });
    fc.assert(
      fc.property(
        size,
        fc.integer({ min: 1, max: 256 }),
        size,
        size,
        (limit, workers, start, own) => {
          const share = workerShare({ limit, workers, start, own });
          if (share === undefined) return;
          assertGreater(share, start);
          assertLess(share * workers + start + own, killAt(limit));
        },
      ),
    );
  });
});

describe("room", () => {
  test("is kept below each limit, in proportion but for the smallest and the largest", () => {
    const free = [64, 512, 1024, 65_536].map((limit) => limit - killAt(limit * mb) / mb);
    assertEquals(free, [8, 16, 32, 128]);
  });

  test("is what is left at the next looks, where it goes on like this", () => {
    const [limit, used] = [512 * mb, 300 * mb];
    assertEquals(freeBefore(limit, used, 0), 196 * mb);
    assertEquals(freeBefore(limit, used, -1e6), 196 * mb);
    assertEquals(freeBefore(limit, used, mb / 10), 191 * mb);
    // What grows may stop.
    assertEquals(freeBefore(limit, used, 100 * mb), (196 - 32) * mb);
  });

  test("is looked at more often the less there is, and where it shrinks", () => {
    assertEquals([2 ** 40, 5e8, 2e8, 0, -1].map((free) => pauseFor(free, false)), [
      500,
      250,
      100,
      50,
      50,
    ]);
    assertEquals([2 ** 40, 2e8, 5e7, 0, -1].map((free) => pauseFor(free, true)), [
      500,
      100,
      25,
      5,
      5,
    ]);
    for (const free of [1e7, 1e9]) assertLessOrEqual(pauseFor(free, true), pauseFor(free, false));
  });
});

test("--max-memory counts for one worker more", () => {
  assertEquals(mostNeeded(2, 100 * mb, false), 364 * mb);
  assertEquals(mostNeeded(2, 100 * mb, true), (364 + 192) * mb);
  assert(mostNeeded(1, 224 * mb, false) === 512 * mb);
});
