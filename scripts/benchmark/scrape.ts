/**
 * What a scrape costs where the handler has many series, and what it does to the probes.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Context, type Plan, startAndStop } from "./context.ts";
import { type Contender, contenders } from "./contenders.ts";
import { ask } from "./http.ts";
import { processorTime } from "./proc.ts";
import { inTurn } from "./rounds.ts";
import { plainText } from "./scenarios.ts";
import { registries, type Registry, type Scraped, scrapeName } from "./scrape_data.ts";
import { reportScrape } from "./scrape_report.ts";
import { Server } from "./server.ts";
import { wanted } from "./settings.ts";

/** Scrapes before anything is counted, those that are counted, and those in which `/alive` is asked. */
const [warmUps, counted, probed] = [3, 5, 4];

/** How often `/alive` is asked, in milliseconds. */
const interval = 5;

/** Plans the part. */
export function planScrape(context: Context): Plan {
  const { settings } = context;
  const compared = wanted(settings, contenders)
    .filter(({ hurricane, name }) => hurricane || name === "bun" || name === "deno");
  const cells = registries.flatMap((registry) =>
    compared
      .filter(({ hurricane }) => hurricane || registry.workers === 1)
      .map((contender) => ({
        name: scrapeName(registry, contender.name),
        measure: () => measure(contender, registry, context),
      }))
  );
  return {
    part: "scrape",
    seconds: cells.length * settings.rounds * (startAndStop + 6),
    run: async () =>
      reportScrape(
        await inTurn(
          "scrape",
          settings.rounds,
          cells,
          ({ time, series, alive }) =>
            `${time.toFixed(0)} ms for ${series} series, /alive ${
              Math.max(0, ...alive).toFixed(0)
            } ms at most`,
        ),
      ),
  };
}

async function measure(
  contender: Contender,
  { series, workers }: Registry,
  { processors }: Context,
): Promise<Scraped> {
  await using server = await Server.start(contender, {
    scenario: { ...plainText, handler: "series" },
    processors,
    both: true,
    ...(contender.hurricane ? { workers } : {}),
    env: { BENCH_SERIES: String(series) },
  });
  const port = contender.hurricane ? server.probePort : server.port;
  const scrape = () => ask({ port, path: "/metrics", timeout: 30_000 });
  for (let times = 0; times < warmUps; times++) await scrape();
  await sleep(300);
  const before = processorTime([server.pid]);
  let [wait, found] = [0, 0];
  for (let times = 0; times < counted; times++) {
    const { milliseconds, body } = await scrape();
    wait += milliseconds / counted;
    found = body.match(/^stock\{/gm)?.length ?? 0;
  }
  const time = (processorTime([server.pid]) - before) * 1000 / counted;
  if (found !== series) throw new Error(`shows ${found} of ${series} series`);
  const alive: number[] = [];
  for (let times = 0; contender.hurricane && times < probed; times++) {
    const scraping = scrape();
    let over = false;
    const end = (): void => void (over = true);
    scraping.then(end, end);
    while (!over) {
      alive.push((await server.probe("alive")).milliseconds);
      await sleep(interval);
    }
    await scraping;
  }
  return { time, wait, series: found, alive };
}
