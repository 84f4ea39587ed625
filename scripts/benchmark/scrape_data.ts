/**
 * What is measured of scrapes: what the measuring hands to the report.
 *
 * @module
 */

/** How many series the handler has, and in how many workers. */
export const registries = [
  { series: 10_000, workers: 1 },
  { series: 100_000, workers: 1 },
  { series: 100_000, workers: 2 },
] as const;

export type Registry = typeof registries[number];

/** One contender's scrapes, in milliseconds for each. */
export interface Scraped {
  /** Processor time of the process that answers: the supervisor, or the handler's own. */
  time: number;
  /** Until the first bytes of the answer. */
  wait: number;
  /** How many series the answer had. */
  series: number;
  /** How long `/alive` took, each time that it was asked meanwhile. */
  alive: number[];
}

/** The name of what is measured. */
export function scrapeName({ series, workers }: Registry, contender: string): string {
  return `${contender} ${series} ${workers}`;
}
