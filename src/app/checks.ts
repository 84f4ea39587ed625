import { errorTrace } from "../webhooks/payload.ts";
import { expired, within } from "../within.ts";
import type { Check } from "./handler.ts";

/** How one of the handler's own checks went. */
export interface CheckResult {
  name: string;
  status: "succeeded" | "failed";
  duration_ms: number;
  /** Why it failed: the error's name and message, never its stack. */
  message?: string;
  /** The error with its stack and causes, for webhooks; it never leaves through a probe. */
  trace?: string;
}

/**
 * Runs the handler's own checks of one probe, all at once, each with the same time limit.
 *
 * A check that ignores its signal may still hang when the next probe comes. It is not started
 * once more then, lest a dead database collects one more pending call with each probe.
 */
export class CheckRunner {
  readonly #checks: [string, Check][];
  readonly #hanging = new Map<string, number>();

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
    const since = this.#hanging.get(name);
    if (since !== undefined) {
      const seconds = ((started - since) / 1000).toFixed(1);
      return result(new Error(`still running after ${seconds}s`));
    }
    this.#hanging.set(name, started);
    const controller = new AbortController();
    const running = invoke(check, controller.signal).finally(() => this.#hanging.delete(name));
    try {
      if (await within(timeout, running) !== expired) return result();
      const late = new DOMException(`no result within ${timeout}ms`, "TimeoutError");
      controller.abort(late);
      return result(late);
    } catch (error) {
      return result(error ?? new Error("the check threw nothing"));
    }
  }
}

async function invoke(check: Check, signal: AbortSignal): Promise<void> {
  await check(signal);
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
