import { describe, errorTrace } from "../errors.ts";
import { expired, within } from "../within.ts";
import type { Check } from "./handler.ts";
import type { CheckResult } from "./protocol.ts";
import { AbortController, DOMException, performance, Promise } from "../natives.ts";

/** Runs of a check that ignore their signal: since when the last one runs, and how many there are. */
interface Hanging {
  since: number;
  runs: number;
}

/**
 * How many time limits after its start a hanging check is started once more, and how many runs may
 * hang: one lost packet must not fail the probe for ever, nor a dead database collect one more
 * pending call with each probe.
 */
const [retryHangingAfter, mostHanging] = [10, 10];

/**
 * Runs the handler's own checks of one probe, all at once, each with the same time limit.
 *
 * A check that ignores its signal may still hang when the next probe comes; it has failed then.
 */
export class CheckRunner {
  readonly #checks: [string, Check][];
  readonly #hanging = new Map<string, Hanging>();

  constructor(checks: Record<string, Check> = {}) {
    this.#checks = Object.entries(checks);
  }

  /** How many checks there are. */
  get size(): number {
    return this.#checks.length;
  }

  /** Never rejects: a failure is a result. `timeout` in milliseconds. */
  run(timeout: number): Promise<CheckResult[]> {
    return Promise.all(this.#checks.map(([name, check]) => this.#runOne(name, check, timeout)));
  }

  async #runOne(name: string, check: Check, timeout: number): Promise<CheckResult> {
    const started = performance.now();
    const result = (failure?: unknown): CheckResult => ({
      name,
      status: failure === undefined ? "succeeded" : "failed",
      duration_ms: Math.round((performance.now() - started) * 1000) / 1000,
      ...(failure === undefined ? {} : { message: describe(failure), trace: errorTrace(failure) }),
    });
    const { since, runs } = this.#hanging.get(name) ?? { since: 0, runs: 0 };
    const age = started - since;
    if (runs >= mostHanging || (runs > 0 && age < retryHangingAfter * timeout)) {
      return result(new Error(`still running after ${(age / 1000).toFixed(1)}s`));
    }
    this.#hanging.set(name, { since: started, runs: runs + 1 });
    const controller = new AbortController();
    const running = invoke(check, controller.signal).finally(() => this.#settled(name));
    try {
      if (await within(timeout, running) !== expired) return result();
      const late = new DOMException(`no result within ${timeout}ms`, "TimeoutError");
      controller.abort(late);
      return result(late);
    } catch (error) {
      return result(error ?? new Error("the check threw nothing"));
    }
  }

  #settled(name: string): void {
    const { since, runs } = this.#hanging.get(name) ?? { since: 0, runs: 0 };
    if (runs <= 1) this.#hanging.delete(name);
    else this.#hanging.set(name, { since, runs: runs - 1 });
  }
}

async function invoke(check: Check, signal: AbortSignal): Promise<void> {
  await check(signal);
}
