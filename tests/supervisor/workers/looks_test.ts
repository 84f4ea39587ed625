import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { Looks } from "../../../src/supervisor/workers/looks.ts";
import { heartbeatInterval, renewalInterval, silenceStep } from "../../../src/timeline.ts";

/** How often is looked in ten seconds in which something is heard so often? */
function looksIn10s(pause: number): number {
  let [now, looked] = [0, 0];
  const looks = new Looks(() => now);
  looks.add(() => looked++);
  while (now < 10_000) {
    now += pause;
    looks.pulse();
  }
  return looked;
}

describe("Looks", () => {
  test("are taken when something is heard, and no more often than is of use", () => {
    const most = 10_000 / renewalInterval;
    assertEquals([heartbeatInterval, silenceStep].map(looksIn10s), [most, most]);
    assertEquals(looksIn10s(1000), 10);
  });

  test("are taken by all who look, until they are told not to", () => {
    let now = 0;
    const looks = new Looks(() => now);
    const looked: string[] = [];
    const end = looks.add(() => looked.push("first"));
    looks.add(() => looked.push("second"));
    for (now = 1000; now < 3000; now += 1000) {
      looks.pulse();
      end();
    }
    assertEquals(looked, ["first", "second", "second"]);
  });
});
