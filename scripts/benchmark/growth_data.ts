/**
 * What grows, and what is measured of it: what the measuring hands to the report.
 *
 * @module
 */

/** What there may be more of, and how much more. */
export const dimensions = {
  connections: { title: "open connections", levels: [1, 10, 100, 1000, 5000], bare: true },
  workers: { title: "workers", levels: [1, 2, 4, 8], bare: false },
  metrics: { title: "custom metrics", levels: [1, 10, 100], bare: false },
} as const;

/** One of them. */
export type Dimension = keyof typeof dimensions;

/** One measurement; `NaN` where there is nothing to ask. */
export interface Grown {
  /** Requests in a second. */
  rate: number;
  /** In milliseconds, of the requests. */
  p99: number;
  /** Of all processes under load, in bytes. */
  memory: number;
  /** In milliseconds, the medians under load. */
  probe: number;
  scrape: number;
}

/** The name of a measurement. */
export function growthName(dimension: Dimension, level: number, contender: string): string {
  return `${dimension} ${level} ${contender}`;
}
