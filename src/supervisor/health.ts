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

/**
 * Turns answered probes into webhooks and lines of the log: one of each whenever readiness or liveness has
 * changed.
 */
export class Health {
  readonly #webhooks: Webhooks;
  readonly #last = new Map<ProbeType, boolean>();
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
      const stack = tracesOf(checks).map(withoutInternals).join("\n");
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

/** The message, and the traces of the checks that failed. */
function traceOf({ message, checks = [] }: Verdict): string {
  return [message, ...tracesOf(checks)].join("\n\n");
}

function tracesOf(checks: readonly CheckOutcome[]): string[] {
  return checks.filter((check) => check.status === "failed")
    .map((check) => `${check.name}: ${check.trace ?? check.message}`);
}
