/**
 * What is measured of a contender's cost: what the measuring hands to the report.
 *
 * @module
 */

/** How long a start takes, in milliseconds from the start of the process. */
export interface Start {
  /** Until the handler gives its first answer. */
  firstAnswer: number;
  /** Until the startup probe first answers 200, where there is one. */
  started?: number;
}

/** The memory of all processes in bytes; what several processes share is divided among them. */
export interface Memory {
  idle: number;
  loaded: number;
  /** How many requests were served between the two. */
  requests: number;
}

/** How long all contenders idle, in seconds. */
export function idleTime(quick: boolean): number {
  return quick ? 10 : 30;
}

/** Bytes in MB of 1024 kB, rounded. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
