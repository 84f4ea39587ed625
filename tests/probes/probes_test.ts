import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import {
  type CheckOutcome,
  type Phase,
  type ProbedService,
  type ProbedWorker,
  Probes,
  type Verdict,
} from "../../src/probes/probes.ts";
import { RequestQueue } from "../../src/probes/queue.ts";

/** A port that the kernel has nothing for: nobody may listen on it without privileges. */
const port = 1;

const passed: CheckOutcome = { name: "db", status: "succeeded", duration_ms: 1 };
const down: CheckOutcome = { name: "bus", status: "failed", duration_ms: 2, message: "Error: x" };
const late: CheckOutcome = { name: "db", status: "failed", duration_ms: 3, message: "Error: y" };

type Settings = Partial<Omit<ProbedWorker, "address">> & {
  inFlight?: number;
  checks?: CheckOutcome[];
};

/** A worker whose handler has checks of both kinds where any are given. */
function worker({ inFlight = 0, checks, ...rest }: Settings = {}): ProbedWorker {
  const size = checks?.length ?? 0;
  return {
    address: { port, checks: { readiness: size, liveness: size } },
    snapshot: { inFlight },
    silence: 0,
    refresh: () => Promise.resolve(),
    runChecks: () => Promise.resolve(checks ?? []),
    ...rest,
  };
}

function probes(service: Partial<ProbedService>, stallTimeout = 30_000): Probes {
  const whole = { phase: "serving" as Phase, detail: "", startupSeconds: 0.4116, workers: [] };
  const limits = { reqQueueLen: 10, stallTimeout };
  return new Probes({ ...whole, ...service }, limits, new RequestQueue());
}

interface Case {
  service: Partial<ProbedService>;
  status: Verdict["status"];
  message: string | RegExp;
}

function says(type: Verdict["type"], cases: Record<string, Case>): void {
  for (const [name, { service, status, message }] of Object.entries(cases)) {
    test(`${type} answers ${status}: ${name}`, async () => {
      const verdict = await probes(service).ask(type);
      assertEquals([verdict.type, verdict.status], [type, status]);
      if (message instanceof RegExp) assertMatch(verdict.message, message);
      else assertEquals(verdict.message, message);
    });
  }
}

const starting = { startupSeconds: undefined };
const workers = [worker()];
/** Silent for longer than a heartbeat; asked, it does not answer. */
const stalled = (silence: number, more: Settings = {}) => worker({ silence, ...more });

describe("the verdict", () => {
  says("startup", {
    "a command runs": {
      service: { ...starting, phase: "starting", detail: "running command 1 of 2: migrate" },
      status: 400,
      message: "starting: running command 1 of 2: migrate",
    },
    "the start has failed": {
      service: { ...starting, phase: "failed", detail: "no handler" },
      status: 400,
      message: "failed: no handler",
    },
    "it serves": { service: { workers }, status: 200, message: "started in 0.412s" },
    "it has started, though it has no worker": {
      service: {},
      status: 200,
      message: "started in 0.412s",
    },
    "it drains": { service: { phase: "draining" }, status: 200, message: "started in 0.412s" },
  });

  says("readiness", {
    ...Object.fromEntries((["starting", "draining", "failed", "stopped"] as const).map((phase) => [
      phase,
      { service: { phase, detail: "why", workers }, status: 400, message: `${phase}: why` },
    ])),
    "no worker is up": {
      service: { detail: "starting the handler again" },
      status: 400,
      message: "no worker is up: starting the handler again",
    },
    "nothing waits": {
      service: { workers },
      status: 200,
      message: "ready, request queue length 0 of 10",
    },
    "the queue is as long as the limit": {
      service: { workers: [worker({ inFlight: 4 }), worker({ inFlight: 6 })] },
      status: 200,
      message: "ready, request queue length 10 of 10",
    },
    "the queue is longer": {
      service: { workers: [worker({ inFlight: 4 }), worker({ inFlight: 7 })] },
      status: 400,
      message: "request queue length 11 exceeds 10",
    },
    "the queue is longer and a check would fail": {
      service: { workers: [worker({ inFlight: 11, checks: [down] })] },
      status: 400,
      message: "request queue length 11 exceeds 10",
    },
    "all checks pass": {
      service: { workers: [worker({ checks: [passed] })] },
      status: 200,
      message: "ready, request queue length 0 of 10",
    },
    "a check of several fails": {
      service: { workers: [worker({ checks: [passed, down] })] },
      status: 500,
      message: "bus failed: Error: x",
    },
    "checks of one worker of two fail": {
      service: {
        workers: [worker({ checks: [passed, passed] }), worker({ checks: [down, late] })],
      },
      status: 500,
      message: "bus failed: Error: x; db failed: Error: y",
    },
  });

  says("liveness", {
    ...Object.fromEntries((["starting", "draining", "stopped"] as const).map((phase) => [
      phase,
      { service: { phase, workers }, status: 200, message: `alive, ${phase}` },
    ])),
    "given up": {
      service: { phase: "failed", detail: "gave up" },
      status: 500,
      message: "failed: gave up",
    },
    "no worker is up": { service: {}, status: 200, message: "alive" },
    "it serves": { service: { workers }, status: 200, message: "alive" },
    "the queue is long": {
      service: { workers: [worker({ inFlight: 99 })] },
      status: 200,
      message: "alive",
    },
    "the loop stands still, not too long": {
      service: { workers: [stalled(30_000)] },
      status: 200,
      message: "alive",
    },
    "the loop stands still too long": {
      service: { workers: [worker(), stalled(31_250)] },
      status: 500,
      message: "the event loop has stood still for 31.3s, longer than 30s",
    },
    "the loop stands still too long while draining": {
      service: { phase: "draining", workers: [stalled(31_000)] },
      status: 500,
      message: /^the event loop has stood still for 31.0s/,
    },
    "a check fails": {
      service: { workers: [worker({ checks: [down] })] },
      status: 500,
      message: "bus failed: Error: x",
    },
    "a check would fail, but it drains": {
      service: { phase: "draining", workers: [worker({ checks: [down] })] },
      status: 200,
      message: "alive, draining",
    },
  });
});

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

  const silent: Record<string, (worker: { silence: number; answer?: CheckOutcome[] }) => void> = {
    "stands still": (worker) => worker.silence = 1000,
    "does not answer in time": (worker) => delete worker.answer,
  };
  for (const [how, turn] of Object.entries(silent)) {
    for (const type of ["readiness", "liveness"] as const) {
      test(`lets the last ${type} checks stand while the worker ${how}`, async () => {
        const state: { silence: number; answer?: CheckOutcome[] } = { silence: 0, answer: [down] };
        const it = Object.defineProperties(
          worker({ checks: [down], runChecks: () => Promise.resolve(state.answer) }),
          { silence: { get: () => state.silence } },
        );
        const one = probes({ workers: [it] });
        assertEquals((await one.ask(type)).status, 500);
        turn(state);
        assertEquals((await one.ask(type)).checks, [down]);
        Object.assign(state, { silence: 0, answer: [passed] });
        assertEquals((await one.ask(type)).status, 200);
      });
    }
  }

  test("fails nobody for checks that have never run", async () => {
    const verdict = await probes({ workers: [stalled(1000, { checks: [down] })] }).ask("readiness");
    assertEquals([verdict.status, verdict.checks], [200, []]);
  });
});
