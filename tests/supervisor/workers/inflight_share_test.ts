import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { inflightShare } from "../../../src/supervisor/workers/inflight_share.ts";

describe("inflightShare", () => {
  const shares: Array<[maxInflight: number, workers: number, share: number]> = [
    [10, 1, 10],
    [10, 2, 5],
    [10, 3, 4],
    [1, 1, 1],
    [1, 8, 1],
    [9, 8, 2],
  ];
  for (const [maxInflight, workers, share] of shares) {
    test(`of ${maxInflight} requests with ${workers} workers is ${share}`, () => {
      assertEquals(inflightShare({ maxInflight, workers }), { maxInflight: share });
    });
  }

  test("is none where there is no limit", () => {
    assertEquals(inflightShare({ workers: 4 }), {});
  });
});
