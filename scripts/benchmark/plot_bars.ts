import { box, colour, label, legend, line, picture, short, step } from "./svg.ts";

/** One bar; its ends are those of a line over its tip. */
export interface Bar {
  label: string;
  /** `NaN` where there is nothing to show. */
  value: number;
  ends?: readonly [number, number];
}

/** A picture of horizontal bars in groups. Each group has a bar for each series, in the same order. */
export interface BarPlot {
  title: string;
  groups: readonly { label: string; bars: readonly Bar[] }[];
  /** A value to compare with. */
  mark?: number;
  /** By powers of ten, from a tenth of one. */
  logarithmic?: boolean;
}

const [left, right, top, thickness, gap] = [270, 60, 60, 14, 12] as const;
const width = 800;

/** Draws it, as SVG. */
export function bars({ title, groups, mark = 0, logarithmic = false }: BarPlot): string {
  const all = groups.flatMap(({ bars }) => bars.map(({ value, ends }) => ends?.[1] ?? value));
  const most = Math.max(mark, ...all.filter((value) => value > 0));
  const axis = logarithmic ? logarithmicAxis(most) : linearAxis(most);
  const x = (value: number): number => left + (width - left - right) * axis.share(value);
  const names = groups[0]?.bars.map(({ label }) => label) ?? [];
  const key = legend(20, 42, width, names.length > 1 ? names : []);
  const begin = top + key.extra;
  let y = begin;
  const drawn = groups.flatMap(({ label: name, bars }) => {
    const parts = [label(left - 10, y + bars.length * thickness / 2 + 4, name, "end")];
    for (const [index, { value, ends }] of bars.entries()) {
      if (Number.isFinite(value)) {
        parts.push(box(left, y, x(value) - left, thickness - 2, colour(index)));
        if (ends !== undefined) {
          const middle = y + thickness / 2 - 1;
          parts.push(line([x(ends[0]), middle], [x(ends[1]), middle], "#222222"));
        }
        parts.push(label(x(Math.max(value, ends?.[1] ?? 0)) + 4, y + 11, short(value)));
      }
      y += thickness;
    }
    y += gap;
    return parts;
  });
  const marks = axis.marks.flatMap((value) => [
    line([x(value), begin - 8], [x(value), y]),
    label(x(value), y + 14, short(value), "middle"),
  ]);
  if (mark > 0) marks.push(line([x(mark), begin - 8], [x(mark), y], "#222222"));
  return picture(width, y + 24, [
    label(20, 22, title),
    ...key.parts,
    ...marks,
    ...drawn,
  ]);
}

interface Axis {
  /** Where a value lies, from 0 to 1. */
  share(value: number): number;
  marks: number[];
}

function linearAxis(most: number): Axis {
  const end = most > 0 ? most * 1.05 : 1;
  const count = Math.floor(end / step(end));
  return {
    share: (value) => value / end,
    marks: Array.from({ length: count + 1 }, (_, index) => index * step(end)),
  };
}

function logarithmicAxis(most: number): Axis {
  const decades = Math.max(1, Math.ceil(Math.log10(most)) + 1);
  return {
    share: (value) => Math.max(0, (Math.log10(value) + 1) / decades),
    marks: Array.from({ length: decades + 1 }, (_, index) => 10 ** (index - 1)),
  };
}
