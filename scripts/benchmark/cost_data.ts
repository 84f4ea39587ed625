/**
 * What is measured of a contender's cost: what the measuring hands to the report.
 *
 * @module
 */

/** Milliseconds from the start of a process. */
export interface Start {
  /** To the first answer of the handler. */
  firstAnswer: number;
  /** To the first 200 of the startup probe, where there is one. */
  started?: number;
}

/** Bytes, each shared page in parts. */
export interface Memory {
  idle: number;
  loaded: number;
  /** Requests that were served in between. */
  requests: number;
}

/** How long everybody idles, in seconds. */
export function idleTime(quick: boolean): number {
  return quick ? 10 : 30;
}

/** Bytes in MB of 1024 kB, rounded. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
