/**
 * What probes look at, written by hand: a service and its workers in any state.
 *
 * @module
 */
import {
  type CheckOutcome,
  type Phase,
  type ProbedService,
  type ProbedWorker,
  Probes,
} from "../../src/probes/probes.ts";
import { RequestQueue } from "../../src/probes/queue.ts";

/** A port that the kernel has nothing for: nobody may listen on it without privileges. */
const port = 1;

/** How checks went. */
export const passed: CheckOutcome = { name: "db", status: "succeeded", duration_ms: 1 };
export const down: CheckOutcome = {
  name: "bus",
  status: "failed",
  duration_ms: 2,
  message: "Error: x",
};
export const late: CheckOutcome = {
  name: "db",
  status: "failed",
  duration_ms: 3,
  message: "Error: y",
};

type Settings = Partial<Omit<ProbedWorker, "address">> & {
  inFlight?: number;
  loopDelay?: number;
  checks?: CheckOutcome[];
};

/** A worker whose handler has checks of both kinds where any are given. */
export function worker(
  { inFlight = 0, loopDelay = 0, checks, ...rest }: Settings = {},
): ProbedWorker {
  const size = checks?.length ?? 0;
  return {
    pid: 1,
    address: { port, checks: { readiness: size, liveness: size } },
    snapshot: { inFlight, loopDelay },
    silence: 0,
    refresh: () => Promise.resolve(),
    runChecks: () => Promise.resolve(checks ?? []),
    ...rest,
  };
}

/** Probes of a service that serves, unless it is said otherwise. */
export function probes(
  service: Partial<ProbedService>,
  stallTimeout = 30_000,
  queue = new RequestQueue(),
): Probes {
  const whole = {
    phase: "serving" as Phase,
    detail: "",
    startupSeconds: 0.4116,
    workers: [],
    retiring: [],
    downFor: 0,
  };
  const limits = { reqQueueLen: 10, stallTimeout };
  return new Probes({ ...whole, ...service }, limits, queue);
}

/** Silent for longer than a heartbeat; asked, it does not answer. */
export const stalled = (silence: number, more: Settings = {}) => worker({ silence, ...more });
