/**
 * What stays of the handler's metrics when its worker is gone.
 *
 * @module
 */
import { logger } from "../log.ts";
import { batches } from "./batches.ts";
import { type PromMetric, withoutClashes } from "./custom.ts";
import { mostSamples } from "./limits.ts";

const log = logger("metrics");

/**
 * Adds the totals of a worker that is gone to those of the ones before it.
 *
 * Without them a sum over workers would go down when a worker is replaced; Prometheus takes that
 * for a restart and shows a rate that never was. Kept is what only rises and is summed: counters,
 * histograms, a summary's sum and count. A gauge goes with its worker.
 *
 * @param retired the totals so far, at first none
 * @param gone what the worker's `prom-client` gave last
 * @returns the new totals, to be given to `exposition` as the last of `custom`
 *
 * @example
 * ```ts
 * import type { PromMetric } from "./custom.ts";
 * import { retireMetrics } from "./retired.ts";
 *
 * const last: PromMetric[] = []; // what the worker gave at the last scrape
 * const retired = await retireMetrics([], last);
 * console.assert(retired.length === 0);
 * ```
 */
export async function retireMetrics(
  retired: PromMetric[],
  gone: PromMetric[],
): Promise<PromMetric[]> {
  const { AggregatorRegistry } = await import("prom-client");
  // The newest comes first: where a handler was changed, its new shape of a metric is kept.
  const totals = withoutClashes([], [gone, retired].map((metrics) => metrics.flatMap(totalsOf)));
  const sums = new Map<string, PromMetric>();
  let samples = 0;
  for await (const { sets } of batches(totals)) {
    const registry = AggregatorRegistry.aggregate(sets);
    // It gives what it was given, added up.
    for (const metric of await registry.getMetricsAsJSON() as unknown as PromMetric[]) {
      samples += metric.values.length;
      if (samples > mostSamples) {
        warnOfMore(metric.name);
        return [...sums.values()];
      }
      const begun = sums.get(metric.name);
      if (begun === undefined) sums.set(metric.name, metric);
      else begun.values.push(...metric.values);
    }
  }
  return [...sums.values()];
}

let warned = false;

function warnOfMore(name: string): void {
  if (warned) return;
  warned = true;
  log.warn(
    "the totals of replaced processes are left out from {name} on, and fall: no more than {most} samples " +
      "of them are kept; do the labels of the handler's metrics differ from process to process?",
    { name, most: mostSamples },
  );
}

function totalsOf(metric: PromMetric): PromMetric[] {
  if (metric.aggregator !== "sum" || metric.type === "gauge") return [];
  const values = metric.type === "summary"
    ? metric.values.filter((sample) => sample.metricName !== undefined)
    : metric.values;
  return values.length === 0 ? [] : [{ ...metric, values }];
}
