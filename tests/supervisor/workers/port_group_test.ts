import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { PortGroup } from "../../../src/supervisor/workers/port_group.ts";

const [a, b, c, d] = [{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }] as const;

const done = () => Promise.resolve();

/** A group with a clock that is set by hand. */
function timed() {
  const clock = { now: 0 };
  return { clock, group: new PortGroup(() => clock.now) };
}

describe("PortGroup.places", () => {
  test("are in the order of listening", () => {
    const { group } = timed();
    for (const member of [a, b, c]) group.add(member);
    assertEquals(group.places([c, a]), [2, 0]);
    assertEquals(group.places([d]), undefined);
  });

  test("put the last one where one has gone, as the kernel does", async () => {
    const { clock, group } = timed();
    for (const member of [a, b, c, d]) group.add(member);
    clock.now = 10;
    await group.close(b, async () => void await (clock.now = 20));
    assertEquals(group.places([a, d, c]), [0, 1, 2]);
    await group.close(c, done);
    assertEquals(group.places([a, d]), [0, 1]);
    group.remove(c);
    assertEquals(group.places([a, d]), [0, 1]);
  });

  test("follow the kernel's rule whatever comes and goes", async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(7), { maxLength: 40 }), async (moves) => {
      const { clock, group } = timed();
      const kernel: object[] = [];
      const all = Array.from({ length: 8 }, (_, name) => ({ name }));
      for (const move of moves) {
        clock.now += 10;
        const member = all[move] as object;
        const place = kernel.indexOf(member);
        if (place < 0) {
          kernel.push(member);
          group.add(member);
        } else {
          await group.close(member, done);
          const last = kernel.pop() as object;
          if (last !== member) kernel[place] = last;
        }
        assertEquals(group.places(kernel), kernel.map((_, place) => place));
      }
    }));
  });

  test("are unknown where a process has died while another came, until one is left", () => {
    const { clock, group } = timed();
    group.add(a);
    group.add(b);
    clock.now = 5000;
    group.add(c);
    clock.now = 5500;
    // It may have died before c came.
    group.remove(a);
    assertEquals(group.places([b, c]), undefined);
    clock.now = 9000;
    group.remove(b);
    assertEquals(group.places([c]), [0]);
  });

  test("are unknown where another came while one was closing", async () => {
    const { clock, group } = timed();
    group.add(a);
    group.add(b);
    clock.now = 5000;
    await group.close(a, async () => {
      clock.now = 5010;
      group.add(c);
      await done();
      clock.now = 5020;
    });
    assertEquals(group.places([b, c]), undefined);
  });

  test("are known where a process has died long after the last change", () => {
    const { clock, group } = timed();
    for (const member of [a, b, c]) group.add(member);
    clock.now = 5000;
    group.remove(a);
    assertEquals(group.places([b, c]), [1, 0]);
  });
});
