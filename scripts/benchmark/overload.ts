/**
 * What becomes of a service that is offered more than it can do.
 *
 * @module
 */
import { type Context, type Plan, startAndStop } from "./context.ts";
import type { Contender } from "./contenders.ts";
import { offer } from "./open_loop.ts";
import {
  maxWait,
  offers,
  type Overloaded,
  overloadName,
  patience,
  type Work,
  works,
} from "./overload_data.ts";
import { overloaded } from "./overload_contenders.ts";
import { reportOverload } from "./overload_report.ts";
import { inTurn } from "./rounds.ts";
import { plainText } from "./scenarios.ts";
import { Server } from "./server.ts";
import { wanted } from "./settings.ts";
import { quantile } from "./statistics.ts";

/** The first seconds of load, of which nothing is counted: no queue is there yet, and nothing compiled. */
const settle = 2;

/** Plans the part. */
export function planOverload(context: Context): Plan {
  const { settings } = context;
  const names = (Object.keys(works) as Work[]).map((name) => ({ name }));
  const compared = wanted(settings, overloaded);
  const cells = wanted(settings, names).flatMap(({ name: work }) =>
    offers.flatMap((times) =>
      compared.map((one) => ({
        name: overloadName(work, times, one.name),
        measure: () => measure(one, work, times, context),
      }))
    )
  );
  const seconds = settings.duration * 2;
  return {
    part: "overload",
    seconds: cells.length * settings.rounds * (startAndStop + settle + seconds + patience / 1000),
    run: async () =>
      reportOverload(
        await inTurn("overload", settings.rounds, cells, ({ inTime, p99, shed, left }) =>
          `${Math.round(inTime)}/s in time, p99 ${p99.toFixed(0)} ms, ${
            (shed * 100).toFixed(2)
          } % shed, ${(left * 100).toFixed(1)} % left`),
        overloaded,
      ),
  };
}

async function measure(
  one: Contender,
  work: Work,
  times: number,
  { settings, processors, burnRounds }: Context,
): Promise<Overloaded> {
  await using server = await Server.start(one, {
    scenario: { ...plainText, handler: "heavy" },
    processors,
    env: {
      BENCH_HEAVY: work,
      BENCH_BURN_ROUNDS: String(burnRounds(one)),
      BENCH_MAX_DELAY: String(maxWait),
    },
  });
  const seconds = settings.duration * 2;
  const { due, inTime, shed, left, failed } = await offer({
    port: server.port,
    path: "/",
    rate: works[work].capacity * times,
    seconds: settle + seconds,
    patience,
    settle,
  });
  if (failed > 0) throw new Error(`${failed} of ${due} requests failed`);
  return {
    inTime: inTime.length / seconds,
    p99: quantile(inTime, 0.99),
    shed: shed / due,
    left: left / due,
  };
}
