/**
 * What is measured of the probes: what the measuring hands to the report.
 *
 * @module
 */

/** What goes on while a probe is asked. */
export const states = ["idle", "saturated", "blocked"] as const;

/** One of them. */
export type State = typeof states[number];

/** The two probes. */
export const probeNames = ["ready", "alive"] as const;

/** Milliseconds of each answer, and how many were not 200. */
export interface Answers {
  milliseconds: number[];
  unwell: number;
}

/** By `state probe`. */
export type Probed = Record<string, Answers>;
