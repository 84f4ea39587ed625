import type { Result } from "./context.ts";
import { contender, contenders } from "./contenders.ts";
import { figure, ratio, table } from "./markdown.ts";
import { figures, type Outcomes, present } from "./rounds.ts";
import { registries, type Registry, type Scraped, scrapeName } from "./scrape_data.ts";
import { quantile } from "./statistics.ts";

/** A table of what scrapes cost. */
export function reportScrape(outcomes: Outcomes<Scraped>): Result {
  const rows = registries.flatMap((registry) =>
    contenders.flatMap(({ name }) => {
      const row = rowOf(outcomes, registry, name);
      return row === undefined ? [] : [row];
    })
  );
  const head = [
    ...["CPU of a scrape in ms", "of `prom-client` alone", "answer after ms"],
    ...["`/alive` p50 in ms", "p99", "max"],
  ];
  return { markdown: table(["series and workers", ...head], rows), plots: {} };
}

function rowOf(
  outcomes: Outcomes<Scraped>,
  registry: Registry,
  name: string,
): string[] | undefined {
  const outcome = outcomes.get(scrapeName(registry, name));
  if (outcome === undefined) return undefined;
  const { title, bare } = contender(name);
  const workers = registry.workers === 1 ? "" : ` × ${registry.workers}`;
  const label = `${figure(registry.series)}${workers}: ${title}`;
  const times = figures(outcome, ({ time }) => time);
  if (present(times).length === 0) return [label, `failed: ${outcome.failed}`];
  const alone = outcomes.get(
    scrapeName({ series: registry.series, workers: 1 } as Registry, bare ?? ""),
  );
  const alive = outcome.values.flatMap((value) => value?.alive ?? []);
  const median = (pick: (scraped: Scraped) => number): string =>
    figure(quantile(present(figures(outcome, pick)), 0.5));
  return [
    label,
    median(({ time }) => time),
    bare === undefined ? "–" : ratio(times, figures(alone, ({ time }) => time)),
    median(({ wait }) => wait),
    ...[0.5, 0.99, 1].map((fraction) => figure(quantile(alive, fraction))),
  ];
}
