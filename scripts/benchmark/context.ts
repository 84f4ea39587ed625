import type { Processors } from "./machine.ts";
import type { Part, Settings } from "./settings.ts";

/** What all parts are given. */
export interface Context {
  settings: Settings;
  processors: Processors;
  /** Rounds of the burning handler that take a millisecond. */
  burnRounds: number;
}

/** A part, before it is measured. */
export interface Plan {
  part: Part;
  /** About how long it takes. */
  seconds: number;
  run(): Promise<Result>;
}

/** What a part has found. */
export interface Result {
  /** Tables and pictures, as Markdown. */
  markdown: string;
  /** The pictures by their file names. */
  plots: Record<string, string>;
}

/** How many connections the load has, where it is not what is looked at. */
export const usualConnections = 64;

/** Seconds of load before a measurement: the compilers of the runtimes come to it meanwhile. */
export const warmUp = 2;

/** About how long a contender takes to start and to be stopped, in seconds. */
export const startAndStop = 0.6;
