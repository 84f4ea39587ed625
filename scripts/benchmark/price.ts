/**
 * The processor time of a request, by fresh processes: what one process happens to get (addresses, tiers of
 * the compiler, caches) stays with it, and to measure it more often does not help.
 *
 * @module
 */
import { type Context, type Plan, startAndStop, usualConnections } from "./context.ts";
import { type Contender, contenders } from "./contenders.ts";
import { again, cellName, leastProcesses, type Price } from "./price_data.ts";
import { reportPrice } from "./price_report.ts";
import { inTurn, type Outcome } from "./rounds.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { Server } from "./server.ts";
import { wanted } from "./settings.ts";
import { watch } from "./watch.ts";
import { load } from "./wrk.ts";

/** Seconds of load before a process is measured. */
const warmUp = 4;

/** Over how many requests its processor time is taken: the kernel counts in hundredths of a second. */
function requestsOf(quick: boolean): number {
  return quick ? 100_000 : 400_000;
}

/** Plans the part. */
export function planPrice(context: Context): Plan {
  const { settings } = context;
  const { quick } = settings;
  const processes = Math.max(leastProcesses, settings.rounds);
  const taking = wanted(settings, contenders.filter(takesPart)).flatMap((one) =>
    one.hurricane ? [one] : [one, again(one)]
  );
  const measured = wanted(settings, scenarios.filter(({ workers }) => workers === undefined));
  const each = startAndStop + warmUp + requestsOf(quick) / 80_000;
  return {
    part: "price",
    seconds: measured.length * taking.length * processes * each,
    run: async () => {
      const outcomes = new Map<string, Outcome<Price>>();
      for (const scenario of measured) {
        const cells = taking.map((contender) => ({
          name: cellName(scenario, contender.name),
          measure: () => measure(contender, scenario, context),
        }));
        const tell = ({ cost }: Price): string => `${cost.toFixed(2)} µs`;
        for (const [name, outcome] of await inTurn("price", processes, cells, tell)) {
          outcomes.set(name, outcome);
        }
      }
      return reportPrice(outcomes, measured);
    },
  };
}

/** Hurricane, and the bare runtimes under it. */
function takesPart({ hurricane, name }: Contender): boolean {
  return hurricane || name === "bun" || name === "deno";
}

async function measure(
  contender: Contender,
  scenario: Scenario,
  { settings: { quick, duration }, processors }: Context,
): Promise<Price> {
  await using server = await Server.start(contender, { scenario, processors });
  await server.check(scenario);
  const target = { scenario, port: server.port, processor: processors.load };
  const options = { ...target, connections: usualConnections, duration };
  await load({ ...options, duration: warmUp });
  const before = server.processorTime;
  let requests = 0;
  await using _watched = watch(server);
  while (requests < requestsOf(quick)) requests += (await load(options)).requests;
  return { cost: (server.processorTime - before) / requests * 1e6 };
}
