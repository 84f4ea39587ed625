/**
 * What is measured of the price of a request: what the measuring hands to the report.
 *
 * @module
 */
import type { Contender } from "./contenders.ts";
import type { Scenario } from "./scenarios.ts";

/** So many fresh processes of each contender are measured at least. */
export const leastSets = 5;

/** What a request costs in one process. */
export interface Price {
  /** Processor time of all processes of the contender, in microseconds. */
  cost: number;
}

/** A bare runtime once more, as if it were another contender: what comes of that is the error. */
export function again(contender: Contender): Contender {
  return {
    ...contender,
    name: `${contender.name}-again`,
    title: `${contender.title} again`,
    bare: contender.name === "deno" ? "deno" : "bun",
  };
}

/** The name of a measurement. */
export function cellName({ name }: Scenario, contender: string): string {
  return `${name} ${contender}`;
}
