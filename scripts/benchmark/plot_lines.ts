import { colour, label, legend, line, picture, short, step } from "./svg.ts";

/** One line: points from left to right. */
export interface Series {
  label: string;
  points: readonly (readonly [x: number, y: number])[];
}

/** A picture of lines: across by powers of ten, upwards in even steps from 0. */
export interface LinePlot {
  title: string;
  /** The title of the horizontal axis, with its unit. */
  across: string;
  series: readonly Series[];
  /** A value to compare with. */
  mark?: number;
}

const [width, usualHeight] = [800, 360] as const;
const [left, right, above, bottom] = [70, 20, 60, 45] as const;

/** Draws it, as SVG. */
export function lines({ title, across, series, mark = 0 }: LinePlot): string {
  const key = legend(20, 42, width, series.map(({ label }) => label));
  const [top, height] = [above + key.extra, usualHeight + key.extra];
  const points = series.flatMap(({ points }) => points);
  const levels = [...new Set(points.map(([x]) => x))].toSorted((a, b) => a - b);
  const [first, last] = [Math.min(...levels), Math.max(2, ...levels)].map(Math.log) as [
    number,
    number,
  ];
  const most = Math.max(1, mark, ...points.map(([, y]) => y)) * 1.05;
  const x = (value: number): number =>
    left + (width - left - right) * (Math.log(value) - first) / (last - first);
  const y = (value: number): number => height - bottom - (height - bottom - top) * value / most;
  const marks = Array.from(
    { length: Math.floor(most / step(most)) + 1 },
    (_, index) => index * step(most),
  );
  return picture(width, height, [
    label(20, 22, title),
    ...key.parts,
    ...levels.flatMap((value) => [
      line([x(value), top], [x(value), height - bottom]),
      label(x(value), height - bottom + 16, short(value), "middle"),
    ]),
    ...marks.flatMap((value) => [
      line([left, y(value)], [width - right, y(value)]),
      label(left - 6, y(value) + 4, short(value), "end"),
    ]),
    ...mark > 0 ? [line([left, y(mark)], [width - right, y(mark)], "#222222")] : [],
    label((left + width - right) / 2, height - 8, across, "middle"),
    ...series.flatMap(({ points }, index) =>
      curve(points.map(([a, b]) => [x(a), y(b)]), colour(index))
    ),
  ]);
}

function curve(points: readonly (readonly [number, number])[], stroke: string): string[] {
  const placed = points.map(([x, y]) => [x.toFixed(1), y.toFixed(1)] as const);
  return [
    `<polyline points="${placed.map((point) => point.join(",")).join(" ")}" fill="none" ` +
    `stroke="${stroke}" stroke-width="2"/>`,
    ...placed.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${stroke}"/>`),
  ];
}
