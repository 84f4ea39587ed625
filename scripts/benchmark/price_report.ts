import type { Result } from "./context.ts";
import { contender, contenders } from "./contenders.ts";
import { figure, table } from "./markdown.ts";
import { again, cellName, type Price } from "./price_data.ts";
import { figures, type Outcomes, present } from "./rounds.ts";
import type { Scenario } from "./scenarios.ts";
import { quantile, spread } from "./statistics.ts";

/** How far apart the quartiles of a bare runtime may be, as a part of its median. */
const widest = 0.05;

/** A table of what a request costs; unfit where the machine was too restless to tell. */
export function reportPrice(outcomes: Outcomes<Price>, measured: readonly Scenario[]): Result {
  const costs = (scenario: Scenario, name: string): number[] =>
    present(figures(outcomes.get(cellName(scenario, name)), ({ cost }) => cost));
  const restless = measured.flatMap((scenario) =>
    (["bun", "deno"] as const).flatMap((name) => {
      const apart = quartilesApart(costs(scenario, name));
      if (apart === undefined || apart <= widest) return [];
      return [`${scenario.title} on bare ${contender(name).title}: ${percent(apart)}`];
    })
  );
  const rows = measured.flatMap((scenario) =>
    contenders.filter(({ hurricane }) => hurricane).flatMap(({ name, title, bare = "bun" }) => {
      const own = costs(scenario, name);
      if (own.length === 0) return [];
      const base = costs(scenario, bare);
      const error = costs(scenario, again(contender(bare)).name);
      return [[
        `${scenario.title}: ${title}`,
        share(base, own, 0.5),
        share(base, error, 0.5),
        share(base, own, 0),
        share(base, error, 0),
        figure(spread(own)?.median),
        figure(spread(base)?.median),
      ]];
    })
  );
  const head = [
    ...["of bare, median", "bare of bare", "of bare, least", "bare of bare"],
    ...["µs, median", "bare"],
  ];
  return {
    markdown: table(["", ...head], rows),
    plots: {},
    ...(restless.length === 0 ? {} : {
      unfit: `the quartiles of a bare runtime are more than ${percent(widest)} apart ` +
        `(${restless.join(", ")}): measure again when nobody else uses the machine`,
    }),
  };
}

/** How far apart the quartiles of some values are, as a part of their median. */
export function quartilesApart(values: readonly number[]): number | undefined {
  const found = spread(values);
  return found && (found.upper - found.lower) / found.median;
}

/** What a request costs the bare runtime as a part of what it costs here, in the same place of all processes. */
function share(base: readonly number[], own: readonly number[], fraction: number): string {
  const ratio = quantile(base, fraction) / quantile(own, fraction);
  return Number.isNaN(ratio) ? "–" : ratio.toFixed(2);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
