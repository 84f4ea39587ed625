/**
 * How much each contender serves in each scenario, and for how much processor time.
 *
 * @module
 */
import { type Context, type Plan, startAndStop, usualConnections, warmUp } from "./context.ts";
import { type Contender, contenders } from "./contenders.ts";
import { inTurn } from "./rounds.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { Server } from "./server.ts";
import { wanted } from "./settings.ts";
import { reportThroughput } from "./throughput_report.ts";
import { watch } from "./watch.ts";
import { load } from "./wrk.ts";

/** One measurement. */
export interface Served {
  /** Requests in a second. */
  rate: number;
  /** Processor time of all processes for a request, in microseconds. */
  cost: number;
  /** In milliseconds. */
  p99: number;
}

/** The name of a measurement. */
export function cellName(scenario: Scenario, contender: Contender): string {
  return `${scenario.name} ${contender.name}`;
}

/** Plans the part. */
export function planThroughput(context: Context): Plan {
  const { settings } = context;
  const cells = wanted(settings, scenarios).flatMap((scenario) =>
    wanted(settings, contenders)
      .filter((contender) => takesPart(contender, scenario))
      .map((contender) => ({
        name: cellName(scenario, contender),
        measure: () => measure(contender, scenario, context),
      }))
  );
  const each = startAndStop + warmUp + settings.duration;
  return {
    part: "throughput",
    seconds: cells.length * settings.rounds * each,
    run: async () =>
      reportThroughput(
        await inTurn("throughput", settings.rounds, cells, ({ rate, cost }) =>
          `${Math.round(rate)} requests/s, ${cost.toFixed(2)} µs each`),
      ),
  };
}

/** The burning handler is about workers, which nobody else has. */
function takesPart({ hurricane, name }: Contender, { workers }: Scenario): boolean {
  if (hurricane || workers === undefined) return true;
  return workers === 1 && (name === "bun" || name === "deno");
}

async function measure(
  contender: Contender,
  scenario: Scenario,
  { settings, processors, burnRounds }: Context,
): Promise<Served> {
  const { workers } = scenario;
  await using server = await Server.start(contender, {
    scenario,
    processors,
    both: workers !== undefined,
    ...(workers === undefined ? {} : { workers }),
    env: { BENCH_BURN_ROUNDS: String(burnRounds) },
  });
  await server.check(scenario);
  const options = {
    scenario,
    port: server.port,
    connections: usualConnections,
    processor: processors.load,
  };
  const warm = await load({ ...options, duration: warmUp });
  const before = server.processorTime;
  const watching = watch(server);
  const { requests, seconds, p99 } = await load({ ...options, duration: settings.duration });
  const used = server.processorTime - before;
  await watching.stop();
  await server.checkCounts(warm.requests + requests);
  return { rate: requests / seconds, cost: used / requests * 1e6, p99 };
}
