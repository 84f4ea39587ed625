import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { CheckOutcome, ProbedWorker } from "../../src/probes/probes.ts";

import { down, passed, probes, stalled, worker } from "./probed.ts";
describe("Probes", () => {
  test("gives a worker that was silent the chance to answer first", async () => {
    const waking = { ...worker(), silence: 40_000 };
    waking.refresh = () => {
      waking.silence = 0;
      return Promise.resolve();
    };
    assertEquals((await probes({ workers: [waking] }).ask("liveness")).status, 200);
  });

  test("says how long the queue is and what the checks said", async () => {
    const verdict = await probes({ workers: [worker({ inFlight: 3, checks: [down] })] })
      .ask("readiness");
    assertEquals(verdict.queue, { length: 3, limit: 10 });
    assertEquals(verdict.checks, [down]);
    const full = await probes({ workers: [worker({ inFlight: 11 })] }).ask("readiness");
    assertEquals(full.queue, { length: 11, limit: 10 });
  });

  test("asks no worker for checks that its handler does not have", async () => {
    const runChecks = () => Promise.reject(new Error("was asked"));
    const verdict = await probes({ workers: [worker({ runChecks })] }).ask("readiness");
    assertEquals([verdict.status, verdict.checks], [200, []]);
  });

  test("shares one run among those who ask at once, by type, and then runs anew", async () => {
    const asked: string[] = [];
    const gate = Promise.withResolvers<CheckOutcome[]>();
    const runChecks: ProbedWorker["runChecks"] = (probe) => (asked.push(probe), gate.promise);
    const one = probes({ workers: [worker({ checks: [passed], runChecks })] });
    const answers = [one.ask("readiness"), one.ask("readiness"), one.ask("liveness")];
    gate.resolve([passed]);
    const [first, second] = await Promise.all(answers);
    assertStrictEquals(first, second);
    assertEquals(asked.sort(), ["liveness", "readiness"]);
    await one.ask("readiness");
    assertEquals(asked.length, 3);
  });

  for (const type of ["readiness", "liveness"] as const) {
    test(`lets the last ${type} checks stand while the worker stands still`, async () => {
      const state = { silence: 0, answer: [down] };
      const it = Object.defineProperties(
        worker({ checks: [down], runChecks: () => Promise.resolve(state.answer) }),
        { silence: { get: () => state.silence } },
      );
      const one = probes({ workers: [it] });
      assertEquals((await one.ask(type)).status, 500);
      state.silence = 1000;
      assertEquals((await one.ask(type)).checks, [down]);
      Object.assign(state, { silence: 0, answer: [passed] });
      assertEquals((await one.ask(type)).status, 200);
    });

    test(`fails ${type} for a worker that does not answer though its loop turns`, async () => {
      const mute = worker({ checks: [passed], runChecks: () => Promise.resolve(undefined) });
      const verdict = await probes({ workers: [mute] }).ask(type);
      assertEquals(verdict.status, 500);
      assertEquals(verdict.message, "the handler's process failed: no answer");
    });
  }

  test("asks no worker that stands still, and fails nobody for checks that have never run", async () => {
    const runChecks = () => Promise.reject(new Error("was asked"));
    const workers = [stalled(1000, { checks: [down], runChecks })];
    const verdict = await probes({ workers }).ask("readiness");
    assertEquals([verdict.status, verdict.checks], [200, []]);
  });
});
