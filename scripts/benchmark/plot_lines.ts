import { colour, label, legend, line, picture } from "./svg.ts";

/** One line: points from left to right. */
export interface Series {
  label: string;
  points: readonly (readonly [x: number, y: number])[];
}

/** A picture of lines, or of the points of single measurements, on logarithmic axes. */
export interface LinePlot {
  title: string;
  /** What the axes show, units included. */
  axes: readonly [x: string, y: string];
  series: readonly Series[];
}

const [width, height] = [800, 360] as const;
const [left, right, top, bottom] = [70, 20, 70, 45] as const;

/** Draws it, as SVG. */
export function lines({ title, axes, series }: LinePlot): string {
  const points = series.flatMap(({ points }) => points).filter(([, y]) => y > 0);
  const xs = scale(points.map(([x]) => x), left, width - right);
  const ys = scale(points.map(([, y]) => y), height - bottom, top);
  const drawn = series.flatMap(({ points }, index) => {
    const placed = points.filter(([, y]) => y > 0).map(([x, y]) => [xs.at(x), ys.at(y)] as const);
    const path = placed.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    return [
      `<polyline points="${path}" fill="none" stroke="${colour(index)}" stroke-width="2"/>`,
      ...placed.map(([x, y]) =>
        `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${colour(index)}"/>`
      ),
    ];
  });
  return picture(width, height, [
    label(20, 22, title),
    ...legend(20, 42, series.map(({ label }) => label)),
    ...xs.marks.flatMap((value) => [
      line([xs.at(value), top], [xs.at(value), height - bottom]),
      label(xs.at(value), height - bottom + 16, short(value), "middle"),
    ]),
    ...ys.marks.flatMap((value) => [
      line([left, ys.at(value)], [width - right, ys.at(value)]),
      label(left - 6, ys.at(value) + 4, short(value), "end"),
    ]),
    label((left + width) / 2, height - 8, axes[0], "middle"),
    label(20, top - 8, axes[1]),
    ...drawn,
  ]);
}

interface Scale {
  at(value: number): number;
  /** The powers of ten that it covers. */
  marks: number[];
}

function scale(values: readonly number[], from: number, to: number): Scale {
  const exponents = values.map((value) => Math.log10(value));
  const lowest = Math.floor(Math.min(0, ...exponents));
  const first = values.length === 0 ? 0 : Math.floor(Math.min(...exponents));
  const last = values.length === 0 ? 1 : Math.max(first + 1, Math.ceil(Math.max(...exponents)));
  const begin = first > 0 ? first : lowest;
  return {
    at: (value) => from + (to - from) * (Math.log10(value) - begin) / (last - begin),
    marks: Array.from({ length: last - begin + 1 }, (_, index) => 10 ** (begin + index)),
  };
}

function short(value: number): string {
  return value >= 1000 ? `${value / 1000} k` : String(value);
}
