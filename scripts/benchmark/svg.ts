/**
 * What the pictures have in common.
 *
 * @module
 */

/** Colours that can be told apart, also by those who see red and green alike. */
export const palette = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#777777",
] as const;

/** The colour of the series of a number. */
export function colour(index: number): string {
  return palette[index % palette.length] ?? "#777777";
}

/** A whole picture, on white whatever the page's colour is. */
export function picture(width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** Where a text ends or begins. */
export type Anchor = "start" | "middle" | "end";

/** A text at a place. */
export function label(x: number, y: number, text: string, anchor: Anchor = "start"): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" fill="#222222">${escaped}</text>`;
}

/** A straight line. */
export function line(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  stroke = "#cccccc",
): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${stroke}"/>`;
}

/** A filled rectangle. */
export function box(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" ` +
    `fill="${fill}"/>`;
}

/** How far apart the rows of a legend are. */
const legendRow = 18;

/** What explains the colours, and how much higher it is than a single row. */
export interface Legend {
  parts: string[];
  extra: number;
}

/** A legend: a square and a name for each series, in as many rows as fit into the width. */
export function legend(x: number, y: number, width: number, names: readonly string[]): Legend {
  let [left, extra] = [x, 0];
  const parts = names.flatMap((name, index) => {
    const wide = 30 + name.length * 6.6;
    if (left > x && left + wide > width) [left, extra] = [x, extra + legendRow];
    const parts = [
      box(left, y + extra - 9, 10, 10, colour(index)),
      label(left + 15, y + extra, name),
    ];
    left += wide;
    return parts;
  });
  return { parts, extra };
}

/** Steps between the marks of an axis that ends at `most`: about five of them, and round. */
export function step(most: number): number {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
}

/** A number on an axis or at the end of a bar. */
export function short(value: number): string {
  if (value >= 10_000) return `${Math.round(value / 1000)} k`;
  return String(Number(value.toPrecision(value >= 100 ? 4 : 3)));
}

function at(value: number): string {
  return String(Number(value.toFixed(1)));
}
