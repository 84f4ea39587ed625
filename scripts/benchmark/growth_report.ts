import type { Result } from "./context.ts";
import { contender, contenders } from "./contenders.ts";
import { type Dimension, dimensions, type Grown, growthName } from "./growth_data.ts";
import { figure, table } from "./markdown.ts";
import { lines, type Series } from "./plot_lines.ts";
import { figures, type Outcome, type Outcomes, present } from "./rounds.ts";
import { quantile } from "./statistics.ts";

const compared = contenders.map(({ name }) => name);

/** Tables and pictures of how things grow. */
export function reportGrowth(outcomes: Outcomes<Grown>): Result {
  const plots: Record<string, string> = {};
  const sections = (Object.keys(dimensions) as Dimension[]).flatMap((dimension) => {
    const { title } = dimensions[dimension];
    const file = `growth-${dimension}.svg`;
    const rows = rowsOf(dimension, outcomes);
    if (rows.length === 0) return [];
    plots[file] = plot(dimension, outcomes);
    return [
      `### With ${title}`,
      `![Requests per second with ${title}](benchmarks/${file})`,
      table(
        [title, "requests/s", "p99 in ms", "memory in MB", "probe in ms", "scrape in ms"],
        rows,
      ),
    ];
  });
  return { markdown: sections.join("\n\n"), plots };
}

function rowsOf(dimension: Dimension, outcomes: Outcomes<Grown>): string[][] {
  const { levels } = dimensions[dimension];
  return compared.flatMap((name) =>
    levels.flatMap((level) => {
      const outcome = outcomes.get(growthName(dimension, level, name));
      if (outcome === undefined) return [];
      const first = `${contender(name).title}: ${level}`;
      if (present(figures(outcome, ({ rate }) => rate)).length === 0) {
        return [[first, `failed: ${outcome.failed}`]];
      }
      return [[
        first,
        figure(middle(outcome, ({ rate }) => rate)),
        figure(middle(outcome, ({ p99 }) => p99)),
        figure(Math.round(middle(outcome, ({ memory }) => memory) / 2 ** 20)),
        figure(middle(outcome, ({ probe }) => probe)),
        figure(middle(outcome, ({ scrape }) => scrape)),
      ]];
    })
  );
}

function middle(outcome: Outcome<Grown> | undefined, pick: (value: Grown) => number): number {
  return quantile(present(figures(outcome, pick)), 0.5);
}

function plot(dimension: Dimension, outcomes: Outcomes<Grown>): string {
  const { levels, title } = dimensions[dimension];
  const series = compared.flatMap((name): Series[] => {
    const points = levels.flatMap((level): [number, number][] => {
      const outcome = outcomes.get(growthName(dimension, level, name));
      const rate = middle(outcome, (value) => value.rate);
      return Number.isNaN(rate) ? [] : [[level, rate]];
    });
    return points.length === 0 ? [] : [{ label: contender(name).title, points }];
  });
  return lines({ title: `Requests per second with ${title}`, across: title, series });
}
