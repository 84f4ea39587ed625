import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { CheckOutcome, ProbedWorker } from "../../src/probes/probes.ts";
import { down, late, passed, probes, stalled, worker } from "./probed.ts";

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
    assertEquals(verdict.queue, { length: 3, handler: 3, kernel: 0, limit: 10 });
    assertEquals(verdict.checks, [down]);
    const full = await probes({ workers: [worker({ inFlight: 11 })] }).ask("readiness");
    assertEquals(full.queue, { length: 11, handler: 11, kernel: 0, limit: 10 });
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

    test(`counts the ${type} checks of a worker that turns, while another one stands still`, async () => {
      const state = { silence: 0, answer: [passed] };
      const turning = worker({ checks: [passed], runChecks: () => Promise.resolve(state.answer) });
      const still = Object.defineProperties(worker({ checks: [late] }), {
        silence: { get: () => state.silence },
      });
      const one = probes({ workers: [turning, still] });
      assertEquals((await one.ask(type)).checks, [passed, late]);
      Object.assign(state, { silence: 1000, answer: [down] });
      assertEquals((await one.ask(type)).checks, [down, late]);
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

/** A worker that leaves while its checks run: others take its place, and its answer comes after that. */
function leaving(
  workers: ProbedWorker[],
  successors: ProbedWorker[],
  answer: CheckOutcome[] | undefined,
): ProbedWorker {
  const it = worker({
    checks: [passed],
    runChecks() {
      workers.splice(workers.indexOf(it), 1, ...successors);
      return Promise.resolve(answer);
    },
  });
  return it;
}

describe("a worker that leaves while its checks run", () => {
  for (const type of ["readiness", "liveness"] as const) {
    for (const [how, answer] of Object.entries({ "no answer": undefined, "a failure": [down] })) {
      test(`has no say in ${type}: ${how}`, async () => {
        const workers = [worker({ checks: [passed] })];
        workers.push(leaving(workers, [], answer));
        const one = probes({ workers });
        const { status, checks } = await one.ask(type);
        assertEquals([status, checks], [200, [passed]]);
      });
    }

    test(`leaves ${type} to those that serve now, where it was the only one`, async () => {
      const workers: ProbedWorker[] = [];
      workers.push(leaving(workers, [worker({ checks: [passed, down] })], undefined));
      const { status, checks } = await probes({ workers }).ask(type);
      assertEquals([status, checks], [500, [passed, down]]);
    });

    test(`is gone by the time that ${type} looks, though it is told of a little later`, async () => {
      const workers = [worker({ checks: [passed] })];
      const it = worker({
        checks: [passed],
        runChecks() {
          const left = async (): Promise<void> => {
            for (let turns = 0; turns < 20; turns++) await Promise.resolve();
            workers.pop();
          };
          void left();
          return Promise.resolve(undefined);
        },
      });
      workers.push(it);
      assertEquals((await probes({ workers }).ask(type)).status, 200);
    });
  }

  test("leaves nobody to send requests to, where no other one serves", async () => {
    const workers: ProbedWorker[] = [];
    workers.push(leaving(workers, [], [passed]));
    const { status, message } = await probes({ workers, detail: "starting again" })
      .ask("readiness");
    assertEquals([status, message], [400, "no worker is up: starting again"]);
  });

  test("does not fail liveness for having stood still", async () => {
    const workers = [worker()];
    const stuck = stalled(40_000, {
      refresh: () => (workers.pop(), Promise.resolve()),
    });
    workers.push(stuck);
    assertEquals((await probes({ workers }).ask("liveness")).status, 200);
  });
});
