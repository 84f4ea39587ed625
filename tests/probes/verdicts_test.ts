import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import type { ProbedService, Verdict } from "../../src/probes/probes.ts";

import { down, late, passed, probes, stalled, worker } from "./probed.ts";
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
    "no worker is up for a while": {
      service: { downFor: 30_000 },
      status: 200,
      message: "alive",
    },
    "no worker is up for too long": {
      service: { downFor: 30_100, detail: "starting the handler again" },
      status: 500,
      message: "no worker has been up for 30.1s: starting the handler again",
    },
    "no worker is up for long, but it starts": {
      service: { phase: "starting", downFor: 30_100 },
      status: 200,
      message: "alive, starting",
    },
    "it serves": { service: { workers }, status: 200, message: "alive" },
    "the queue is long": {
      service: { workers: [worker({ inFlight: 99 })] },
      status: 200,
      message: "alive",
    },
    "the loop stands still, not too long": {
      service: { workers: [stalled(31_000)] },
      status: 200,
      message: "alive",
    },
    "the loop stands still too long": {
      service: { workers: [worker(), stalled(31_250)] },
      status: 500,
      message: "the event loop has stood still for 31.3s, longer than 30s",
    },
    "the loop stands still too long while draining": {
      service: { phase: "draining", workers: [stalled(32_000)] },
      status: 500,
      message: /^the event loop has stood still for 32.0s/,
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
