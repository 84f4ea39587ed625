import type { Result } from "./context.ts";
import { figure, table } from "./markdown.ts";
import {
  offers,
  type Overloaded,
  overloadName,
  patience,
  type Work,
  works,
} from "./overload_data.ts";
import { lines, type Series } from "./plot_lines.ts";
import { figures, type Outcomes, present } from "./rounds.ts";
import { quantile, spread } from "./statistics.ts";

/** Who was compared: what a table and a picture need to know of them. */
type Compared = readonly { name: string; title: string }[];

/** Tables and pictures of what is answered in time. */
export function reportOverload(outcomes: Outcomes<Overloaded>, compared: Compared): Result {
  const plots: Record<string, string> = {};
  const sections = (Object.keys(works) as Work[]).flatMap((work) => {
    const { title, capacity } = works[work];
    const rows = rowsOf(work, outcomes, compared);
    if (rows.length === 0) return [];
    const file = `overload-${work}.svg`;
    plots[file] = plot(work, outcomes, compared);
    return [
      `### ${title[0]!.toUpperCase()}${title.slice(1)}`,
      `![Answered in time against what is offered: ${title}](benchmarks/${file})`,
      `${capacity} a second are all that it can do; clients leave after ${patience / 1000} s. In ` +
      "brackets the quartiles of the rounds.",
      table(
        ["answered in time, in a second", ...offers.map((times) => `${figure(times)} ×`)],
        rows,
      ),
    ];
  });
  return { markdown: sections.join("\n\n"), plots };
}

function rowsOf(work: Work, outcomes: Outcomes<Overloaded>, compared: Compared): string[][] {
  return compared.flatMap(({ name, title }) => {
    const cells = offers.map((times) => {
      const outcome = outcomes.get(overloadName(work, times, name));
      const middle = (pick: (value: Overloaded) => number): number =>
        quantile(present(figures(outcome, pick)), 0.5);
      const inTime = spread(present(figures(outcome, (value) => value.inTime)));
      if (inTime === undefined) return "–";
      const [median, lower, upper] = [inTime.median, inTime.lower, inTime.upper].map((value) =>
        figure(Math.round(value))
      );
      const shed = middle((value) => value.shed) * 100;
      const p99 = figure(Math.round(middle((value) => value.p99)));
      return `${median} (${lower}–${upper}), p99 ${p99} ms, ${figure(shed)} % refused`;
    });
    return cells.every((cell) => cell === "–") ? [] : [[title, ...cells]];
  });
}

function plot(work: Work, outcomes: Outcomes<Overloaded>, compared: Compared): string {
  const { title, capacity } = works[work];
  const series = compared.flatMap(({ name, title }): Series[] => {
    const points = offers.flatMap((times): [number, number][] => {
      const outcome = outcomes.get(overloadName(work, times, name));
      const inTime = quantile(present(figures(outcome, (value) => value.inTime)), 0.5);
      return Number.isNaN(inTime) ? [] : [[times, inTime / capacity * 100]];
    });
    return points.length === 0 ? [] : [{ label: title, points }];
  });
  return lines({
    title: `Answered in time, in % of what can be done: ${title}`,
    across: "offered, in multiples of what can be done",
    series,
    mark: 100,
  });
}
