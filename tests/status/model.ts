import type { StatusModel } from "../../src/status/model.ts";

/** A model in which every text is the same one, and nothing is left out. */
export function modelOf(text: string): StatusModel {
  const time = Date.UTC(2026, 0, 2, 3, 4, 5);
  return {
    now: time,
    hostname: text,
    version: text,
    runtime: text,
    phase: "serving",
    detail: text,
    since: time,
    url: text,
    startupSeconds: 1,
    probes: [{
      type: "readiness",
      path: text,
      answer: {
        time,
        status: 500,
        message: text,
        checks: [{
          name: text,
          status: "failed",
          duration_ms: 3,
          message: text,
          details: { text },
        }],
        askedHere: true,
      },
    }],
    queue: { length: 3, handler: 1, kernel: 2, limit: 10 },
    samples: [{
      ...{ time, handler: 1, kernel: 2, loopDelay: 0.01, memory: 2 ** 27 },
      ...{ requests: 12, failed: 1, shed: 0, p50: 0.1, p95: 0.2, p99: 0.3 },
    }],
    counts: true,
    workers: [{
      ...{ pid: 4711, state: "serving", since: time, memory: 2 ** 26, answered: 5 },
      ...{ inFlight: 1, loopDelay: 0.01, adopted: text },
    }],
    wanted: 2,
    restarts: [["crash", 2]],
    happenings: [{ time, text }],
    commands: [{ name: text, outcome: "failed", seconds: 2, output: [text] }],
    webhooks: [{
      url: text,
      delivered: 1,
      pending: 2,
      failed: 3,
      dropped: 4,
      trouble: { time, reason: text },
    }],
    messages: {
      broker: text,
      obstacle: text,
      queues: [{
        ...{ name: text, path: text, waiting: 7, inFlight: 8, rate: 2.5 },
        ...{ acknowledged: 11, retried: 12, rejected: 13, returned: 14 },
      }],
    },
    reloading: true,
    reloads: [{ time, files: [text], seconds: 1, error: text }],
    log: [{ time, level: "error", part: text, message: text }],
  };
}
