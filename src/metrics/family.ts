/**
 * A metric with all of its series, as an exposition writes them: a metric family.
 *
 * A series is known by the text that an exposition has of it, from its name to the last of its labels,
 * whose names are sorted. So it is written when it arrives and never again, and two processes call it
 * the same.
 *
 * @module
 */
import type { Samples } from "./samples.ts";

/** How the values that several processes have of a series become one. */
export type Aggregator = "omit" | "sum" | "first" | "min" | "max" | "average";

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly aggregator: Aggregator;
  /** The values, by series. */
  readonly samples: Samples;
  /** A histogram's bounds: its processes must have the same. */
  readonly bounds: Set<string>;
}

/** What a sample's name may add to its metric's. */
export const suffixes: Readonly<Record<Family["type"], readonly string[]>> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
};

/** What two values become. An average is divided by their number when all are there. */
export const combine: Readonly<Record<Aggregator, (a: number, b: number) => number>> = {
  omit: (a) => a,
  sum: (a, b) => a + b,
  first: (a) => a,
  min: Math.min,
  max: Math.max,
  average: (a, b) => a + b,
};

/** What stands around the label values of a series: `up{job="`, `",path="` and `"}`. */
export function frameOf(name: string, labels: readonly string[]): string[] {
  const [first, ...others] = labels;
  if (first === undefined) return [name];
  return [`${name}{${first}="`, ...others.map((label) => `",${label}="`), '"}'];
}

const special = /["\\\n]/;
const allSpecial = /["\\\n]/g;

/** A label's value as it is written. */
export function escaped(value: string): string {
  if (!special.test(value)) return value;
  return value.replace(allSpecial, (character) => character === "\n" ? "\\n" : `\\${character}`);
}
