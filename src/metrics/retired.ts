/**
 * What stays of the handler's metrics when its worker is gone.
 *
 * @module
 */
import { customMetricsSchema, type PromMetric, withoutClashes } from "./custom.ts";

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
  const registry = AggregatorRegistry.aggregate(totals);
  return customMetricsSchema.parse(await registry.getMetricsAsJSON());
}

function totalsOf(metric: PromMetric): PromMetric[] {
  if (metric.aggregator !== "sum" || metric.type === "gauge") return [];
  const values = metric.type === "summary"
    ? metric.values.filter((sample) => sample.metricName !== undefined)
    : metric.values;
  return values.length === 0 ? [] : [{ ...metric, values }];
}
