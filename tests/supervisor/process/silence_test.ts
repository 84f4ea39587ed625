import { describe, test } from "node:test";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { heartbeatInterval } from "../../../src/timeline.ts";
import { Silence } from "../../../src/supervisor/process/silence.ts";
import { eventually, pause } from "../../support/wait.ts";

describe("Silence", () => {
  test("grows until it is broken, and then again", async () => {
    let grown = 0;
    const silence = new Silence(() => grown++);
    assertEquals(silence.milliseconds, 0);
    for (let times = 0; times < 2; times++) {
      await eventually("it to grow", () => silence.milliseconds > heartbeatInterval);
      assertGreater(grown, times);
      silence.break();
      assertEquals(silence.milliseconds, 0);
    }
    silence.close();
  });

  test("counts little of a time in which nobody could count", async () => {
    const silence = new Silence(() => {});
    const end = performance.now() + 4 * heartbeatInterval;
    while (performance.now() < end);
    await eventually("it to be counted", () => silence.milliseconds > 0);
    assert(silence.milliseconds <= heartbeatInterval, String(silence.milliseconds));
    silence.close();
  });

  test("begins later where rest was announced, unless something is asked meanwhile", async () => {
    const order: string[] = [];
    const grows = (name: string) => new Silence(() => order.push(name));
    const [resting, asked, usual] = [grows("resting"), grows("asked"), grows("usual")];
    resting.break(true);
    asked.break(true);
    asked.expect();
    await eventually("all to grow", () => order.includes("resting"));
    const begun = [...new Set(order)];
    assertEquals([begun.length, begun.at(-1)], [3, "resting"]);
    for (const silence of [resting, asked, usual]) silence.close();
  });

  test("does not begin anew because something is asked", async () => {
    const silence = new Silence(() => {});
    await eventually("it to grow", () => silence.milliseconds > 0);
    const before = silence.milliseconds;
    silence.expect();
    assertEquals(silence.milliseconds, before);
    await eventually("it to grow further", () => silence.milliseconds > before);
    silence.close();
  });

  test("ends when it is closed, whatever is heard later", async () => {
    let grown = 0;
    const silence = new Silence(() => grown++);
    silence.close();
    silence.break();
    await pause(2 * heartbeatInterval);
    assertEquals([silence.milliseconds, grown], [0, 0]);
  });
});
