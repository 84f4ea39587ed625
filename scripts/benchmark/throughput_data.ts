/**
 * What is measured of a scenario: what the measuring hands to the report.
 *
 * @module
 */
import type { Contender } from "./contenders.ts";
import type { Scenario } from "./scenarios.ts";

/** One measurement of one contender in one scenario. */
export interface Served {
  /** Requests in a second. */
  rate: number;
  /** Processor time of all processes for a request, in microseconds. */
  cost: number;
  /** The latency that 99 of 100 requests keep below, in milliseconds. */
  p99: number;
}

/** The name of a measurement. */
export function cellName(scenario: Scenario, contender: Contender): string {
  return `${scenario.name} ${contender.name}`;
}
