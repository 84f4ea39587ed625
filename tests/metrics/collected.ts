/**
 * What a scrape gets to know of a worker's metrics: as they come out of its process.
 *
 * @module
 */
import { HandlerMetrics } from "../../src/app/handler_metrics.ts";
import { CollectedMetrics } from "../../src/metrics/collected.ts";
import type { Family } from "../../src/metrics/family.ts";

/** Takes what `registry.getMetricsAsJSON()` gives in the worker, or whatever else is registered there. */
export async function collected(metrics: readonly unknown[]): Promise<Family[]> {
  const got = new CollectedMetrics();
  const getMetricsAsArray = () => metrics.map((metric) => ({ get: () => metric }));
  const worker = new HandlerMetrics(() => Promise.resolve({ register: { getMetricsAsArray } }));
  await worker.read(3_600_000, (part) => got.add(JSON.parse(JSON.stringify(part))));
  return got.metrics;
}

/** A metric's samples as an exposition has them. */
export function linesOf({ samples }: Family): string[] {
  return [...samples].map(([series, value]) => `${series} ${value}`);
}
