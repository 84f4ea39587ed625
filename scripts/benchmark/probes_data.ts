/**
 * What is measured of the probes: what the measuring hands to the report.
 *
 * @module
 */

/** What goes on while a probe is asked. */
export const states = ["idle", "saturated", "blocked"] as const;

/** The name of a state. */
export type State = typeof states[number];

/** The probes that are asked. */
export const probeNames = ["ready", "alive"] as const;

/** How long each answer took in milliseconds, and how many were not 200. */
export interface Answers {
  milliseconds: number[];
  unwell: number;
}

/** The answers by what went on and which probe was asked: `idle ready`. */
export type Probed = Record<string, Answers>;
