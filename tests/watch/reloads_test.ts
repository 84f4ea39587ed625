import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { Reloads } from "../../src/watch/reloads.ts";
import { eventually } from "../support/wait.ts";

/** Reloads that last until they are ended, or let go. */
class Slow {
  readonly log: string[] = [];
  release: () => void = () => {};
  readonly reloads = new Reloads(async (files, signal) => {
    this.log.push(`start ${files.join(" ")}`);
    await new Promise<void>((resolve) => {
      this.release = resolve;
      signal.addEventListener("abort", () => resolve());
    });
    this.log.push(signal.aborted ? "ended" : "done");
  });

  async started(times: number): Promise<void> {
    const count = () => this.log.filter((line) => line.startsWith("start")).length;
    await eventually(`${times} starts`, () => count() >= times);
  }
}

describe("Reloads", () => {
  test("run, one after the other", async () => {
    const slow = new Slow();
    for (const file of ["b", "a"]) {
      const done = slow.reloads.request([file]);
      slow.release();
      await done;
    }
    assertEquals(slow.log, ["start b", "done", "start a", "done"]);
  });

  test("are ended by the next, which is told of their files as well", async () => {
    const slow = new Slow();
    const requests = [slow.reloads.request(["b"])];
    await slow.started(1);
    requests.push(slow.reloads.request(["c"]), slow.reloads.request(["a", "b"]));
    await slow.started(2);
    requests.push(slow.reloads.request(["d"]));
    await slow.started(3);
    slow.release();
    await Promise.all(requests);
    assertEquals(slow.log, ["start b", "ended", "start a b c", "ended", "start a b c d", "done"]);
  });

  test("may be without files: the first start is one", async () => {
    const slow = new Slow();
    const first = slow.reloads.request([]);
    await slow.started(1);
    slow.release();
    await first;
    assertEquals(slow.log, ["start ", "done"]);
  });

  test("end with the one that runs when they are closed", async () => {
    const slow = new Slow();
    const request = slow.reloads.request(["a"]);
    await slow.started(1);
    await slow.reloads.close();
    await request;
    await slow.reloads.request(["b"]);
    assertEquals(slow.log, ["start a", "ended"]);
  });
});
