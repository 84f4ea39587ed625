/**
 * What the parts of the benchmark have in common: how each is planned, and what it gives.
 *
 * @module
 */
import type { Contender } from "./contenders.ts";
import type { Processors } from "./machine.ts";
import type { Part, Settings } from "./settings.ts";

/** What every part is planned with. */
export interface Context {
  settings: Settings;
  processors: Processors;
  /** How many rounds of work take a millisecond here, on the runtime of a contender. */
  burnRounds(contender: Contender): number;
}

/** A part that is planned and not yet measured. */
export interface Plan {
  part: Part;
  /** About how long measuring it takes. */
  seconds: number;
  run(): Promise<Result>;
}

/** What measuring a part has given. */
export interface Result {
  /** Tables and pictures, as Markdown. */
  markdown: string;
  /** The pictures by their file names. */
  plots: Record<string, string>;
  /** Why it must not be published; left out where it may be. */
  unfit?: string;
}

/** How many connections the load has, unless their number is what is measured. */
export const usualConnections = 64;

/** Seconds of load before a measurement, in which the runtimes compile what runs often. */
export const warmUp = 2;

/** About how long a contender takes to start and to be stopped, in seconds. */
export const startAndStop = 0.6;
