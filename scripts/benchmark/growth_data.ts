/**
 * What grows, and what is measured of it: what the measuring hands to the report.
 *
 * @module
 */

/** What is increased, by which steps, and whether the bare runtimes are measured with it as well. */
export const dimensions = {
  connections: { title: "open connections", levels: [1, 10, 100, 1000, 5000], bare: true },
  workers: { title: "workers", levels: [1, 2, 4, 8], bare: false },
  metrics: { title: "custom metrics", levels: [1, 10, 100], bare: false },
} as const;

/** The name of what is increased. */
export type Dimension = keyof typeof dimensions;

/** One measurement; `NaN` where a contender has no probe, or no metrics. */
export interface Grown {
  /** Requests in a second. */
  rate: number;
  /** The latency of the requests, in milliseconds. */
  p99: number;
  /** The memory of all processes under load, in bytes. */
  memory: number;
  /** The median latency of a probe under load, in milliseconds. */
  probe: number;
  /** The same of a scrape. */
  scrape: number;
}

/** The name of a measurement. */
export function growthName(dimension: Dimension, level: number, contender: string): string {
  return `${dimension} ${level} ${contender}`;
}
