/**
 * How things grow with open connections, with workers, and with the handler's own metrics.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Context, type Plan, startAndStop, usualConnections, warmUp } from "./context.ts";
import { type Contender, contenders } from "./contenders.ts";
import { type Dimension, dimensions, type Grown, growthName } from "./growth_data.ts";
import { reportGrowth } from "./growth_report.ts";
import type { Answer } from "./http.ts";
import { inTurn } from "./rounds.ts";
import { plainText } from "./scenarios.ts";
import { Server } from "./server.ts";
import { wanted } from "./settings.ts";
import { quantile } from "./statistics.ts";
import { load } from "./wrk.ts";

/** Plans the part. */
export function planGrowth(context: Context): Plan {
  const { settings } = context;
  const compared = wanted(settings, contenders)
    .filter(({ hurricane, name }) => hurricane || name === "bun" || name === "deno");
  const cells = (Object.keys(dimensions) as Dimension[]).flatMap((dimension) =>
    dimensions[dimension].levels.flatMap((level) =>
      compared
        .filter(({ hurricane }) => hurricane || dimensions[dimension].bare)
        .map((contender) => ({
          name: growthName(dimension, level, contender.name),
          measure: () => measure(contender, dimension, level, context),
        }))
    )
  );
  return {
    part: "growth",
    seconds: cells.length * settings.rounds * (startAndStop + warmUp + settings.duration),
    run: async () =>
      reportGrowth(
        await inTurn("growth", settings.rounds, cells, ({ rate, p99, memory }) =>
          `${Math.round(rate)} requests/s, p99 ${p99.toFixed(1)} ms, ${
            Math.round(memory / 2 ** 20)
          } MB`),
      ),
  };
}

async function measure(
  contender: Contender,
  dimension: Dimension,
  level: number,
  { settings, processors }: Context,
): Promise<Grown> {
  const scenario = dimension === "metrics" ? { ...plainText, handler: "counters" } : plainText;
  await using server = await Server.start(contender, {
    scenario,
    processors,
    both: dimension === "workers",
    ...(dimension === "workers" ? { workers: level } : {}),
    ...(dimension === "metrics" ? { env: { BENCH_METRICS: String(level) } } : {}),
  });
  await server.check(scenario);
  const options = {
    scenario,
    port: server.port,
    connections: dimension === "connections" ? level : usualConnections,
    processor: processors.load,
  };
  await load({ ...options, duration: warmUp });
  const watching = askOften(server, settings.duration * 1000);
  const [{ requests, seconds, p99 }, asked] = await Promise.all([
    load({ ...options, duration: settings.duration }),
    watching,
  ]);
  return { rate: requests / seconds, p99, ...asked };
}

type Asked = Pick<Grown, "memory" | "probe" | "scrape">;

/** Probes ten times a second, scrapes twice, and reads the memory shortly before the load ends. */
async function askOften(server: Server, milliseconds: number): Promise<Asked> {
  const end = performance.now() + milliseconds - 300;
  const probes: number[] = [];
  const scrapes: number[] = [];
  const { hurricane } = server.contender;
  for (let turn = 0; performance.now() < end; turn++) {
    if (hurricane) {
      await timed(probes, server.probe("alive"));
      if (turn % 5 === 0) await timed(scrapes, server.scrape());
    }
    await sleep(100);
  }
  return {
    memory: server.memory,
    probe: quantile(probes, 0.5),
    scrape: quantile(scrapes, 0.5),
  };
}

async function timed(into: number[], asked: Promise<Answer | undefined>): Promise<void> {
  const answer = await asked;
  if (answer !== undefined) into.push(answer.milliseconds);
}
