import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Burst, type Elapsed } from "../../src/watch/burst.ts";
import { Feed, pause } from "../support/wait.ts";

/** A burst whose end is refused so many times. */
function refusing(times: number) {
  const ends = new Feed<string>();
  const elapsed: Elapsed[] = [];
  const burst = new Burst((paths, time) => {
    elapsed.push(time);
    if (elapsed.length <= times) return false;
    ends.push([...paths].sort().join(" "));
    return true;
  });
  return { burst, ends, elapsed };
}

describe("Burst", () => {
  test("gathers what comes at once, and begins anew then", async () => {
    const { burst, ends } = refusing(0);
    for (const path of ["b", "a", "b"]) burst.add(path);
    await ends.first(1);
    burst.add("c");
    await ends.first(2);
    assertEquals(ends.items, ["a b", "c"]);
  });

  test("asks again where its end was refused", async () => {
    const { burst, ends, elapsed } = refusing(3);
    burst.add("a");
    await ends.first(1);
    assertEquals([ends.items, elapsed.length], [["a"], 4]);
    assert(elapsed.every(({ sinceFirst, sinceLast }) => sinceFirst === sinceLast));
  });

  test("comes to an end although events go on, even where that was refused", async () => {
    const { burst, ends, elapsed } = refusing(2);
    const events = setInterval(() => burst.add("a"), 1);
    await ends.first(1);
    clearInterval(events);
    burst.close();
    assertEquals([ends.items, elapsed.length], [["a"], 3]);
  });

  test("is not heard of once it is closed", async () => {
    const [closed, other] = [refusing(0), refusing(0)];
    closed.burst.add("a");
    closed.burst.close();
    for (let times = 1; times <= 2; times++) {
      other.burst.add("b");
      await other.ends.first(times);
      await pause(1);
    }
    assertEquals(closed.ends.items, []);
  });
});
