import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { Journal } from "../../src/status/journal.ts";

describe("the journal", () => {
  test("tells of commands how far they are", () => {
    const journal = new Journal(["a", "b", "c"]);
    const outcomes = (unfinished: "running" | "failed" | "interrupted") =>
      journal.commands(unfinished).map(({ outcome }) => outcome).join(" ");
    assertEquals(outcomes("running"), "waiting waiting waiting");
    journal.commandBegan(1);
    journal.commandWrote("\x1b[31mred\x1b[0m");
    journal.commandEnded(1500);
    journal.commandBegan(2);
    journal.commandWrote("two");
    assertEquals(outcomes("running"), "succeeded running waiting");
    assertEquals(outcomes("failed"), "succeeded failed waiting");
    assertEquals(outcomes("interrupted"), "succeeded interrupted waiting");
    const [first, second] = journal.commands("running");
    assertEquals([first?.seconds, first?.output], [1.5, ["red"]]);
    assertEquals(second?.output, ["two"]);
  });

  test("keeps the trace of a check to itself", () => {
    const journal = new Journal([]);
    const check = { name: "db", status: "failed", duration_ms: 1, message: "m" } as const;
    journal.answered({
      type: "readiness",
      status: 500,
      message: "db failed",
      checks: [{ ...check, trace: "secret.ts:1" }],
    }, false);
    const answer = journal.answer("readiness");
    assertEquals(answer?.checks, [check]);
    assertFalse(JSON.stringify(answer).includes("secret"));
    assertEquals(journal.answer("liveness"), undefined);
  });

  test("does not grow without an end", () => {
    const journal = new Journal(["a"]);
    journal.commandBegan(1);
    const long = "x".repeat(1e5);
    for (let count = 0; count < 500; count++) {
      journal.logged({
        time: new Date(),
        level: "info",
        part: "p",
        message: long,
        properties: {},
      });
      journal.happened(long);
      journal.reloaded({ files: ["f"], seconds: 1, error: long });
      journal.commandWrote(long);
    }
    const { log, happenings, reloads } = journal;
    const kept = JSON.stringify([log, happenings, reloads, journal.commands("running")]);
    assert(kept.length < 1e6, `${kept.length}`);
    assertEquals(log.length, 100);
  });

  test("counts restarts by their reasons", () => {
    const journal = new Journal([]);
    for (const reason of ["crash", "edit", "crash"]) journal.restarted(reason);
    assertEquals(journal.restarts, [["crash", 2], ["edit", 1]]);
  });
});
