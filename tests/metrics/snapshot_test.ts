import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { appSnapshot, requestSnapshot } from "../../src/metrics/snapshot.ts";

describe("appSnapshot", () => {
  const busy = {
    inFlight: 2,
    answered: 30,
    loopDelay: 0.5,
    requests: { ...requestSnapshot.empty(), shed: { inflight: 3, wait: 1 } },
  };

  test("is all zeroes for a process that has done nothing, and that changes no sum", () => {
    const { inFlight, answered, loopDelay } = appSnapshot.empty();
    assertEquals([inFlight, answered, loopDelay], [0, 0, 0]);
    assertEquals(appSnapshot.add(appSnapshot.empty(), busy), busy);
  });

  test("adds up what is counted, and keeps the greatest delay", () => {
    const { inFlight, answered, loopDelay, requests } = appSnapshot.add(
      busy,
      { ...busy, inFlight: 1, loopDelay: 0.25 },
    );
    assertEquals([inFlight, answered, loopDelay, requests.shed], [3, 60, 0.5, {
      inflight: 6,
      wait: 2,
    }]);
  });

  test("is read back as it is, and refused where a part is missing or impossible", () => {
    assertEquals(appSnapshot.schema.parse(JSON.parse(JSON.stringify(busy))), busy);
    for (const spoilt of [{ ...busy, inFlight: 0.5 }, { ...busy, requests: undefined }, null]) {
      assertEquals(appSnapshot.schema.safeParse(spoilt).success, false);
    }
  });
});
