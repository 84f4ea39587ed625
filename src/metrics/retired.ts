/**
 * What stays of the handler's metrics when its worker is gone.
 *
 * @module
 */
import { logger } from "../log.ts";
import { Turns } from "../turns.ts";
import { withoutClashes } from "./clashes.ts";
import { combine, type Family } from "./family.ts";
import { mostSamples } from "./limits.ts";
import { merged, samplesAtOnce } from "./merged.ts";
import { Samples } from "./samples.ts";

const log = logger("metrics");

/**
 * Adds the totals of a worker that is gone to those of the ones before it.
 *
 * Without them a sum over workers would go down when a worker is replaced; Prometheus takes that
 * for a restart and shows a rate that never was. Kept is what only rises and is summed: counters,
 * histograms, a summary's sum and count. A gauge goes with its worker.
 *
 * @param retired the totals so far, at first none
 * @param gone what the worker gave last
 * @returns the new totals, to be given to `exposition` as the last of `custom`
 *
 * @example
 * ```ts
 * import type { Family } from "./family.ts";
 * import { retireMetrics } from "./retired.ts";
 *
 * const last: Family[] = []; // what the worker gave at the last scrape
 * const retired = await retireMetrics([], last);
 * console.assert(retired.length === 0);
 * ```
 */
export async function retireMetrics(retired: Family[], gone: Family[]): Promise<Family[]> {
  const turns = new Turns();
  const totals: Family[][] = [];
  // The newest comes first: where a handler was changed, its new shape of a metric is kept.
  for (const metrics of [gone, retired]) totals.push(await totalsOf(metrics, turns));
  const sums: Family[] = [];
  let samples = 0;
  for await (const { family } of merged(withoutClashes([], totals), turns)) {
    samples += family.samples.size;
    if (samples > mostSamples) {
      warnOfMore(family.name);
      return sums;
    }
    sums.push(family);
  }
  return sums;
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

async function totalsOf(metrics: readonly Family[], turns: Turns): Promise<Family[]> {
  const totals: Family[] = [];
  for (const metric of metrics) {
    if (metric.aggregator !== "sum" || metric.type === "gauge") continue;
    const total = metric.type === "summary" ? await withoutQuantiles(metric, turns) : metric;
    if (total.samples.size > 0) totals.push(total);
  }
  return totals;
}

/** A summary's sums and counts: its quantiles alone have the name of the metric. */
async function withoutQuantiles(summary: Family, turns: Turns): Promise<Family> {
  const samples = new Samples();
  let done = 0;
  for (const [series, value] of summary.samples) {
    if (series.startsWith(`${summary.name}_`)) samples.add(series, value, combine.sum);
    if (++done % samplesAtOnce === 0) await turns.pass();
  }
  return { ...summary, samples };
}
