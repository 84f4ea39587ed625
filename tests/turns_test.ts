import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { hasWorked, nextTurn, Turns } from "../src/turns.ts";

describe("turns of what takes long", () => {
  test("come one after the other, with a rest of the event loop in between", async () => {
    const order: string[] = [];
    await new Promise<void>((done) => {
      const take = (turn: string) => (): void => {
        order.push(turn);
        // A turn goes on as long as its promises do: what then waits for the event loop comes before the next.
        queueMicrotask(() => {
          setTimeout(() => order.push(`after ${turn}`));
          if (turn === "third") setTimeout(done);
        });
      };
      for (const turn of ["first", "second", "third"]) nextTurn(take(turn));
    });
    assertEquals(
      order,
      ["first", "after first", "second", "after second", "third", "after third"],
    );
  });

  test("are asked for again in a turn, and then come last", async () => {
    const order: string[] = [];
    await new Promise<void>((done) => {
      nextTurn(() => {
        order.push("first");
        nextTurn(() => {
          order.push("first again");
          done();
        });
      });
      nextTurn(() => order.push("second"));
    });
    assertEquals(order, ["first", "second", "first again"]);
  });

  test("are due when all pieces together have taken long, whoever did them", async () => {
    await new Promise<void>(nextTurn);
    const now = performance.now();
    assertEquals(hasWorked(now, now + 1), false);
    assertEquals(hasWorked(now + 1, now + 2), false);
    assertEquals(hasWorked(now + 2, now + 4), true);
    assertEquals(hasWorked(now + 4, now + 4), true);
    await new Promise<void>(nextTurn);
    assertEquals(hasWorked(now + 5, now + 6), false);
    // The event loop has rested by itself.
    assertEquals(hasWorked(now + 60, now + 62), false);
  });

  test("of a whole piece of work begin where it has taken long", async () => {
    const turns = new Turns();
    const order: string[] = [];
    nextTurn(() => order.push("another"));
    const end = performance.now() + 5;
    while (performance.now() < end);
    await turns.pass();
    assertEquals(order, ["another"]);
  });
});
