/**
 * What is offered under overload, and what is measured of it: what the measuring hands to the report.
 *
 * @module
 */

/** How long a client waits for its answer before it leaves, in milliseconds. */
export const patience = 1000;

/** The `--max-wait` that is measured, in milliseconds. */
export const maxWait = 100;

/** The kinds of work (`contenders/heavy.ts`), with how many requests of it a second takes at most. */
export const works = {
  "burn-5": { title: "5 ms of CPU", capacity: 200 },
  "await-burn-5": { title: "3 ms of waiting, then 5 ms of CPU", capacity: 200 },
  "burn-1": { title: "1 ms of CPU", capacity: 1000 },
  "mix": { title: "3 ms of CPU, every tenth 23 ms", capacity: 200 },
  "pool": { title: "a pool of ten that takes 50 ms each", capacity: 200 },
} as const;

/** The name of a kind of work. */
export type Work = keyof typeof works;

/** What is offered, in multiples of the capacity. */
export const offers = [0.5, 0.8, 1, 1.5, 2, 4, 8] as const;

/** One measurement. */
export interface Overloaded {
  /** Answers in time, in a second. */
  inTime: number;
  /** The latency of those, in milliseconds from when the request was due. */
  p99: number;
  /** Shares of what was offered. */
  shed: number;
  left: number;
}

/** The name of a measurement. */
export function overloadName(work: Work, offer: number, contender: string): string {
  return `${work} ${offer} ${contender}`;
}
