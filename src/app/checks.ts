import { bounded, boundedDetails } from "../bounded.ts";
import { describe, errorTrace } from "../errors.ts";
import { expired, within } from "../within.ts";
import type { Check } from "../handler_types.ts";
import type { CheckResult } from "./protocol.ts";
import { AbortController, DOMException, performance, Promise } from "../natives.ts";

/** The runs of a check that have outlived their time since one has settled within it. */
interface Hanging {
  /** When the latest one has begun. */
  since: number;
  /** Those that have not settled since, by a mark for each. */
  runs: Set<object>;
}

/**
 * How many runs of a check may hang, and how many time limits after its last start one that has so many
 * is started once more: a dead database must not collect one more pending call with each probe, nor a
 * few calls that were lost fail the probe for ever.
 */
const [mostHanging, retryHangingAfter] = [10, 10];

/** How long a check's name may be where it is passed on, in bytes. */
const longestName = 256;

/**
 * Runs the handler's own checks of one probe, all at once, each with the same time limit.
 *
 * A check hangs when its latest run does: one that ignores its signal may go on, and no probe looks at it
 * any more.
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
    const ended = () => ({
      name: bounded(name, longestName),
      duration_ms: Math.round((performance.now() - started) * 1000) / 1000,
    });
    const succeeded = (value: unknown): CheckResult => {
      const details = boundedDetails(value);
      return { ...ended(), status: "succeeded", ...(details && { details }) };
    };
    const failed = (error: unknown): CheckResult => ({
      ...ended(),
      status: "failed",
      message: bounded(describe(error)),
      trace: errorTrace(error),
    });
    const hanging = this.#hanging.get(name);
    if (hanging !== undefined && hanging.runs.size >= mostHanging) {
      const age = started - hanging.since;
      if (age < retryHangingAfter * timeout) {
        const seconds = (age / 1000).toFixed(1);
        return failed(new Error(`still running after ${seconds}s, as ${mostHanging} calls of it`));
      }
    }
    const controller = new AbortController();
    const run = {};
    const running = invoke(check, controller.signal).finally(() => this.#settled(name, run));
    try {
      const value = await within(timeout, running);
      if (value !== expired) {
        this.#hanging.delete(name);
        return succeeded(value);
      }
      const calls = this.#hangs(name, run, started);
      const others = calls === 1 ? "" : `; ${calls} calls of it are still running`;
      const late = new DOMException(`no result within ${timeout}ms${others}`, "TimeoutError");
      controller.abort(late);
      return failed(late);
    } catch (error) {
      this.#hanging.delete(name);
      return failed(error ?? new Error("the check threw nothing"));
    }
  }

  /** Notes that a run has outlived its time, and gives how many there are. */
  #hangs(name: string, run: object, since: number): number {
    const { runs } = this.#hanging.get(name) ?? { runs: new Set() };
    const [oldest] = runs;
    if (oldest !== undefined && runs.size >= mostHanging) runs.delete(oldest);
    runs.add(run);
    this.#hanging.set(name, { since, runs });
    return runs.size;
  }

  #settled(name: string, run: object): void {
    this.#hanging.get(name)?.runs.delete(run);
  }
}

async function invoke(check: Check, signal: AbortSignal): Promise<unknown> {
  return await check(signal);
}
