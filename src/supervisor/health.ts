import type { Verdict } from "../probes/probes.ts";
import type { ProbeType } from "../webhooks/payload.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";

/** Turns answered probes into webhooks: one whenever readiness or liveness has changed. */
export class Health {
  readonly #webhooks: Webhooks;
  readonly #last = new Map<ProbeType, boolean>();
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
      this.#change(verdict.type, healthy, traceOf(verdict));
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
  const traces = checks.filter((check) => check.status === "failed")
    .map((check) => `${check.name}: ${check.trace ?? check.message}`);
  return [message, ...traces].join("\n\n");
}
