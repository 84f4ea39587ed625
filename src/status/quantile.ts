/**
 * The value that a share of all that was observed does not exceed, as far as a histogram tells: inside
 * a bucket it is taken to grow evenly, as Prometheus' `histogram_quantile` does.
 *
 * https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 *
 * @param buckets what fell into each alone; the last one has what lies above all bounds
 * @param bounds the upper ones
 * @param share from 0 to 1
 * @returns `undefined` where nothing was observed; the highest bound where it lies above all
 *
 * @example
 * ```ts
 * import { quantile } from "./quantile.ts";
 *
 * console.assert(quantile([0, 4, 0], [1, 2], 0.5) === 1.5);
 * ```
 */
export function quantile(
  buckets: readonly number[],
  bounds: readonly number[],
  share: number,
): number | undefined {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let rest = share * total;
  for (const [index, upper] of bounds.entries()) {
    const count = buckets[index] ?? 0;
    const lower = index === 0 ? 0 : bounds[index - 1] ?? 0;
    if (count > 0 && rest <= count) return lower + (upper - lower) * rest / count;
    rest -= count;
  }
  return bounds.at(-1);
}
