/**
 * The metrics of several processes as one, made in turns of a few milliseconds, whatever there is of them:
 * whoever adds them up must not hold the probes up.
 *
 * @module
 */
import type { Turns } from "../turns.ts";
import { combine, type Family } from "./family.ts";
import { Samples } from "./samples.ts";

/** After how many samples it is looked whether it is somebody else's turn. */
export const samplesAtOnce = 250;

/** A metric of all processes. */
export interface Merged {
  family: Family;
  /** Have several processes a part in it? Otherwise it is what the one has given. */
  several: boolean;
}

/** Adds up what several processes have of each metric, or does whatever its `aggregator` says. */
export async function* merged(sets: readonly Family[][], turns: Turns): AsyncGenerator<Merged> {
  for (const families of byName(sets).values()) {
    const [first, ...others] = families;
    if (first === undefined || first.aggregator === "omit") continue;
    if (others.length === 0) yield { family: first, several: false };
    else yield { family: await added(first, families, turns), several: true };
  }
}

function byName(sets: readonly Family[][]): Map<string, Family[]> {
  const found = new Map<string, Family[]>();
  for (const family of sets.flat()) {
    const families = found.get(family.name);
    if (families === undefined) found.set(family.name, [family]);
    else families.push(family);
  }
  return found;
}

async function added(first: Family, families: readonly Family[], turns: Turns): Promise<Family> {
  const { aggregator } = first;
  let samples = new Samples(first.samples);
  /** Of how many processes each series is, where that matters. */
  const counts = aggregator === "average" ? new Samples(first.samples) : undefined;
  let done = 0;
  for (const family of families) {
    for (const [series, value] of family.samples) {
      samples.add(series, value, combine[aggregator]);
      counts?.add(series, 1, combine.sum);
      if (++done % samplesAtOnce === 0) await turns.pass();
    }
  }
  if (counts !== undefined) {
    const sums = samples;
    samples = new Samples(sums);
    for (const [series, count] of counts) {
      samples.add(series, sums.get(series)! / count, combine.first);
      if (++done % samplesAtOnce === 0) await turns.pass();
    }
  }
  return { ...first, samples };
}
