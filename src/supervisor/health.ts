import { elapsed } from "../elapsed.ts";
import { logger } from "../log.ts";
import type { CheckOutcome, Verdict } from "../probes/probes.ts";
import { withoutInternals } from "../source/trace.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";

const log = logger("probes");

/** What a service is whose probe succeeds. */
const healthyState = { readiness: "ready", liveness: "alive" } as const;

type LastingProbe = keyof typeof healthyState;

/** What one of the handler's own checks said last. */
export interface CheckHealth {
  probe: LastingProbe;
  check: string;
  healthy: boolean;
}

/** How many checks of a probe are told apart: their names are the handler's, which may make up any number. */
const mostChecks = 100;

/**
 * Turns answered probes into webhooks and lines of the log: one of each whenever readiness or liveness has
 * changed.
 */
export class Health {
  readonly #webhooks: Webhooks;
  readonly #last = new Map<ProbeType, boolean>();
  readonly #checks = new Map<LastingProbe, ReadonlyMap<string, boolean>>();
  /** Since when those fail that do. */
  readonly #failing = new Map<LastingProbe, number>();
  /** What the last webhook about each said. */
  readonly #sent = new Map<ProbeType, boolean>();

  constructor(webhooks: Webhooks) {
    this.#webhooks = webhooks;
  }

  /** What each probe said last; a probe that has never been asked is absent. */
  get last(): Partial<Record<ProbeType, boolean>> {
    return Object.fromEntries(this.#last);
  }

  /** What each of the handler's own checks said last, in all workers: one that fails in one of them fails. */
  get checks(): CheckHealth[] {
    return [...this.#checks].flatMap(([probe, checks]) =>
      [...checks].map(([check, healthy]) => ({ probe, check, healthy }))
    );
  }

  /** The service has started. */
  started(): void {
    this.#last.set("startup", true);
    this.#webhooks.send({ type: "startup", status: "succeeded" });
  }

  /** The service could not start. */
  startFailed(trace: string): void {
    this.#last.set("startup", false);
    this.#webhooks.send({ type: "startup", status: "failed", errorTrace: trace });
  }

  /** The service is given up after crashes: that is told even if liveness had failed before. */
  gaveUp(trace: string): void {
    this.#sent.set("liveness", false);
    this.#webhooks.send({ type: "liveness", status: "failed", errorTrace: trace });
  }

  /** A probe was answered. Only what happens while serving counts as a change of state. */
  answered(verdict: Verdict, serving: boolean): void {
    const healthy = verdict.status === 200;
    this.#last.set(verdict.type, healthy);
    // A queue that is too long is an answer without them: what they said last stands.
    if (verdict.type !== "startup" && verdict.checks !== undefined) {
      this.#checks.set(verdict.type, healthOf(verdict.checks));
    }
    if (serving && verdict.type !== "startup") {
      this.#log(verdict.type, healthy, verdict);
      this.#change(verdict.type, healthy, traceOf(verdict));
    }
  }

  /** That all is well at first is no change. */
  #log(type: LastingProbe, healthy: boolean, { message, checks = [] }: Verdict): void {
    const state = healthyState[type];
    const since = this.#failing.get(type);
    if (!healthy && since === undefined) {
      this.#failing.set(type, performance.now());
      const stack = tracesOf(checks).join("\n");
      const where = stack === "" ? {} : { stack };
      log.warn("not {state}: {reason}", { state, reason: message, probe: type, ...where });
    } else if (healthy && since !== undefined) {
      this.#failing.delete(type);
      const time = performance.now() - since;
      const duration_ms = Math.round(time);
      log.info("{state} again after {time}", {
        state,
        time: elapsed(time),
        probe: type,
        duration_ms,
      });
    }
  }

  #change(type: ProbeType, healthy: boolean, trace: string): void {
    if (this.#sent.get(type) === healthy) return;
    this.#sent.set(type, healthy);
    this.#webhooks.send(
      healthy ? { type, status: "succeeded" } : { type, status: "failed", errorTrace: trace },
    );
  }
}

function healthOf(checks: readonly CheckOutcome[]): Map<string, boolean> {
  const health = new Map<string, boolean>();
  for (const { name, status } of checks) {
    if (!health.has(name) && health.size >= mostChecks) continue;
    health.set(name, status === "succeeded" && health.get(name) !== false);
  }
  return health;
}

/** The message, and the traces of the checks that failed. */
function traceOf({ message, checks = [] }: Verdict): string {
  return [message, ...tracesOf(checks)].join("\n\n");
}

/** For the log and for webhooks alike: whoever reads them can change nothing in Hurricane. */
function tracesOf(checks: readonly CheckOutcome[]): string[] {
  return checks.filter((check) => check.status === "failed")
    .map((check) => withoutInternals(`${check.name}: ${check.trace ?? check.message}`));
}
