import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { Heartbeat } from "../../src/app/heartbeat.ts";
import { heartbeatInterval, restingInterval, restsAfter } from "../../src/timeline.ts";
import { Feed } from "../support/wait.ts";

/** A heart whose beats say when the next one is due. */
function beating(activity: () => unknown) {
  const beats = new Feed<number>();
  return { beats, heart: new Heartbeat(activity, (next) => beats.push(next)) };
}

const often = (count: number) => new Array<number>(count).fill(heartbeatInterval);

describe("Heartbeat", () => {
  test("rests when nothing has happened for a while, until something does", async () => {
    let answered = 0;
    const { beats, heart } = beating(() => answered);
    const untilRest = [...often(restsAfter), restingInterval];
    assertEquals(await beats.first(restsAfter + 1), untilRest);
    assert(heart.rests);
    answered++;
    const more = [heartbeatInterval, heartbeatInterval];
    assertEquals(await beats.first(restsAfter + 3), [...untilRest, ...more]);
    assertFalse(heart.rests);
    heart.stop();
  });

  test("does not rest while something happens", async () => {
    const { beats, heart } = beating(() => undefined);
    assertEquals(await beats.first(restsAfter + 2), often(restsAfter + 2));
    heart.stop();
  });

  test("does not rest while it is stirred, and soon after that again", async () => {
    const { beats, heart } = beating(() => 0);
    await beats.first(restsAfter + 1);
    heart.stir();
    assertFalse(heart.rests);
    const stirred = (await beats.first(restsAfter + 4)).slice(-3);
    assertEquals(stirred, often(3));
    heart.settled();
    assertEquals((await beats.first(restsAfter + 5)).at(-1), restingInterval);
    heart.stop();
  });
});
