import type { Result } from "./context.ts";
import { contender, contenders } from "./contenders.ts";
import { figure, ratio, table } from "./markdown.ts";
import { again, cellName, type Price } from "./price_data.ts";
import { figures, type Outcomes, present } from "./rounds.ts";
import type { Scenario } from "./scenarios.ts";
import { pairedRatios, quantile, spread } from "./statistics.ts";

/** How far apart the quartiles of what a bare runtime is of itself may be. */
const widest = 0.05;

/** A table of what a request costs; unfit where the machine was too restless to tell. */
export function reportPrice(outcomes: Outcomes<Price>, measured: readonly Scenario[]): Result {
  const costs = (scenario: Scenario, name: string): (number | undefined)[] =>
    figures(outcomes.get(cellName(scenario, name)), ({ cost }) => cost);
  const ofItself = (scenario: Scenario, bare: "bun" | "deno"): number[] =>
    pairedRatios(costs(scenario, bare), costs(scenario, again(contender(bare)).name));
  const restless = measured.flatMap((scenario) =>
    (["bun", "deno"] as const).flatMap((name) => {
      const apart = quartilesApart(ofItself(scenario, name));
      if (apart === undefined || apart <= widest) return [];
      return [`${scenario.title} on bare ${contender(name).title}: ${percent(apart)}`];
    })
  );
  const rows = measured.flatMap((scenario) =>
    contenders.filter(({ hurricane }) => hurricane).flatMap(({ name, title, bare = "bun" }) => {
      const own = costs(scenario, name);
      if (own.length === 0) return [];
      const base = costs(scenario, bare);
      const second = costs(scenario, again(contender(bare)).name);
      return [[
        `${scenario.title}: ${title}`,
        ratio(base, own),
        ratio(base, second),
        least(base, own),
        least(base, second),
        figure(spread(present(own))?.median),
        figure(spread(present(base))?.median),
      ]];
    })
  );
  const head = [
    ...["of bare", "bare of bare", "of bare, least", "bare of bare"],
    ...["µs, median", "bare"],
  ];
  return {
    markdown: table(["", ...head], rows),
    plots: {},
    ...(restless.length === 0 ? {} : {
      unfit: `the quartiles of what a bare runtime is of itself are more than ` +
        `${percent(widest)} apart (${restless.join(", ")}): measure again when nobody else uses ` +
        "the machine",
    }),
  };
}

/** How far apart the quartiles of some values are, as a part of their median. */
export function quartilesApart(values: readonly number[]): number | undefined {
  const found = spread(values);
  return found && (found.upper - found.lower) / found.median;
}

/** What a request costs the bare runtime at least, as a part of what it costs here at least. */
function least(
  base: readonly (number | undefined)[],
  own: readonly (number | undefined)[],
): string {
  const share = quantile(present(base), 0) / quantile(present(own), 0);
  return Number.isNaN(share) ? "–" : share.toFixed(2);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
