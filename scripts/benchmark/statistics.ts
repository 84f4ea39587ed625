/**
 * The few figures that a benchmark needs.
 *
 * @module
 */

/** The middle of some values, and the quartiles: half of them lie between these. */
export interface Spread {
  median: number;
  lower: number;
  upper: number;
}

/**
 * The value at a fraction of the way through sorted values, interpolated between neighbours. `NaN`
 * where there are none.
 *
 * @param fraction 0 is the least value, 1 the greatest
 */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** The median and the quartiles of some values; `undefined` where there are none. */
export function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  return {
    median: quantile(values, 0.5),
    lower: quantile(values, 0.25),
    upper: quantile(values, 0.75),
  };
}

/**
 * The ratios of what was measured in the same round: what changed between two rounds (the machine, a
 * neighbour) is in both and falls out. A round that lacks one of the two is left out.
 */
export function pairedRatios(
  values: readonly (number | undefined)[],
  bases: readonly (number | undefined)[],
): number[] {
  return values.flatMap((value, round) => {
    const base = bases[round];
    return value === undefined || base === undefined ? [] : [value / base];
  });
}
