/**
 * Lines of numbers as paths of an SVG.
 *
 * @module
 */

/** The inside of a plot, in its own units: it is stretched to the room that there is. */
export const [plotWidth, plotHeight] = [600, 100];

/**
 * The least number of the form 1, 2 or 5 times a power of ten that is not below another one: a scale
 * that people can read, and that does not change with each number.
 *
 * @param least what it is where all is less
 */
export function niceCeiling(value: number, least: number): number {
  if (!(value > least)) return least;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/**
 * The path of a line, the newest number at the right edge. What is `undefined` is a gap.
 *
 * @param places how many numbers the whole width has room for
 * @param most what lies at the upper edge
 */
export function linePath(
  values: readonly (number | undefined)[],
  places: number,
  most: number,
): string {
  const step = plotWidth / Math.max(1, places - 1);
  const heights = values.map((value) =>
    value === undefined ? undefined : Math.round(plotHeight * (1 - Math.min(value, most) / most))
  );
  const parts: string[] = [];
  for (const [index, height] of heights.entries()) {
    if (height === undefined) continue;
    const [before, after] = [heights[index - 1], heights[index + 1]];
    // In the middle of a level line a point says nothing, and while nothing happens most are.
    if (before === height && after === height) continue;
    const x = Math.round(plotWidth - (values.length - 1 - index) * step);
    parts.push(`${before === undefined ? "M" : "L"}${x} ${height}`);
    // A number between two gaps would be a line without a length.
    if (before === undefined && after === undefined) parts.push("h1");
  }
  return parts.join("");
}
