import { logger } from "../log.ts";

const log = logger("metrics");

/** How many metrics are told apart. Their names are the handler's, which may make up any number. */
const mostNames = 100;

/** Stands for all others. */
const others = "other";

/** Counts how often each of the handler's own metrics could not be read, and logs it the first time. */
export class UnreadMetrics {
  readonly #counts = new Map<string, number>();

  count(metric: string, reason: string): void {
    const known = this.#counts.has(metric) || this.#counts.size < mostNames;
    const name = known ? metric : others;
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    if (count > 0) return;
    log.warn("the handler's metric {metric} cannot be read, and is missing: {reason}", {
      metric,
      reason,
    });
  }

  /** So far. */
  get counts(): { metric: string; count: number }[] {
    return [...this.#counts].map(([metric, count]) => ({ metric, count }));
  }
}
