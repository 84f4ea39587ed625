/**
 * What is measured of the probes: what the measuring hands to the report.
 *
 * @module
 */

import { type Contender, contender } from "./contenders.ts";

/** What goes on while a probe is asked. */
export const states = ["idle", "saturated", "blocked"] as const;

/** The name of a state. */
export type State = typeof states[number];

/** The probes that are asked. */
export const probeNames = ["ready", "alive"] as const;

/** The name of a probe. */
export type ProbeName = typeof probeNames[number];

/** How long each answer took in milliseconds, and how many were not 200. */
export interface Answers {
  milliseconds: number[];
  unwell: number;
}

/** The answers by what went on and which probe was asked: `idle ready`. */
export type Probed = Record<string, Answers>;

const suffix = "-beside";

/**
 * The name under which three lines of a bare runtime are asked that run beside the same lines with
 * something to do: no probe of another process can be answered sooner.
 */
export function beside({ name }: Contender): string {
  return `${name}${suffix}`;
}

/** What is said of a contender, also of one that is {@linkcode beside} another. */
export function titleOf(name: string): string {
  if (!name.endsWith(suffix)) return contender(name).title;
  return `${contender(name.slice(0, -suffix.length)).title}, one more beside it`;
}
