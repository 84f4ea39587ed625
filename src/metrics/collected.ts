import { logger } from "../log.ts";
import { customMetricsSchema, type PromMetric } from "./custom.ts";
import { longestMetrics, mostSamples } from "./limits.ts";

const log = logger("metrics");

/**
 * What one process gives of the handler's own metrics, part by part.
 *
 * It comes from the handler's process, which may send anything: what is not as it should be is left out, and
 * so is what comes after as many samples as are shown.
 */
export class CollectedMetrics {
  readonly #metrics = new Map<string, PromMetric>();
  #samples = 0;
  #size = 0;

  /** Takes some samples of a metric: JSON, as `app/handler_metrics.ts` gives it. */
  add(part: string): void {
    this.#size += part.length;
    if (this.#size > longestMetrics) {
      return warnOfMore(`after ${longestMetrics} characters of a process`);
    }
    for (const metric of customMetricsSchema.parse([parsed(part)])) {
      // A name without samples has its place, too.
      this.#samples += Math.max(1, metric.values.length);
      if (this.#samples > mostSamples) {
        return warnOfMore(`after ${mostSamples} samples of a process`);
      }
      const begun = this.#metrics.get(metric.name);
      if (begun === undefined) this.#metrics.set(metric.name, metric);
      // One that is named like another one is another one all the same: the first has the name.
      else if (begun.type === metric.type) begun.values.push(...metric.values);
    }
  }

  /** What has come so far. */
  get metrics(): PromMetric[] {
    return [...this.#metrics.values()];
  }
}

function parsed(part: string): unknown {
  try {
    return JSON.parse(part);
  } catch {
    // Only what the handler itself has sent can be that: it is left out as what is no metric.
    return undefined;
  }
}

let warned = false;

function warnOfMore(which: string): void {
  if (warned) return;
  warned = true;
  log.warn("left out of the handler's metrics: all {which}", { which });
}
