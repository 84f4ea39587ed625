/**
 * How much each contender serves in each scenario, and for how much processor time.
 *
 * @module
 */
import { type Context, type Plan, startAndStop, usualConnections } from "./context.ts";
import { type Contender, contenders } from "./contenders.ts";
import { type Cell, inTurn, type Outcome, type Outcomes } from "./rounds.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { Server } from "./server.ts";
import { wanted } from "./settings.ts";
import { cellName, type Served } from "./throughput_data.ts";
import { reportThroughput } from "./throughput_report.ts";
import { watch } from "./watch.ts";
import { load, type LoadOptions } from "./wrk.ts";

/** Plans the part. */
export function planThroughput(context: Context): Plan {
  const { settings } = context;
  const fields = wanted(settings, scenarios).map((scenario) => ({
    scenario,
    taking: wanted(settings, contenders).filter((contender) => takesPart(contender, scenario)),
  }));
  const cells = fields.reduce((sum, { taking }) => sum + taking.length, 0);
  return {
    part: "throughput",
    seconds: cells * (startAndStop + firstWarmUp + settings.rounds * settings.duration),
    run: async () => {
      const outcomes = new Map<string, Outcome<Served>>();
      for (const { scenario, taking } of fields) {
        for (const [name, outcome] of await measure(scenario, taking, context)) {
          outcomes.set(name, outcome);
        }
      }
      return reportThroughput(outcomes);
    },
  };
}

/** The burning handler is about workers, which nobody else has. */
function takesPart({ hurricane, name }: Contender, { workers }: Scenario): boolean {
  if (hurricane || workers === undefined) return true;
  return workers === 1 && (name === "bun" || name === "deno");
}

/**
 * Seconds of load before the first round. Longer than the usual warm-up: a contender is warmed up once
 * for all rounds, and the larger a program is, the longer it takes to be compiled.
 */
const firstWarmUp = 4;

/** All contenders run side by side and are loaded in turn, so that all are of the same age. */
async function measure(
  scenario: Scenario,
  taking: readonly Contender[],
  context: Context,
): Promise<Outcomes<Served>> {
  const { settings } = context;
  await using running = new AsyncDisposableStack();
  const cells: Cell<Served>[] = [];
  for (const contender of taking) {
    const candidate = await Candidate.start(contender, scenario, context).then(
      (candidate) => running.use(candidate),
      (error: unknown) => error,
    );
    cells.push({
      name: cellName(scenario, contender),
      measure: () =>
        candidate instanceof Candidate ? candidate.measure() : Promise.reject(candidate),
    });
  }
  return await inTurn(
    "throughput",
    settings.rounds,
    cells,
    ({ rate, cost }) => `${Math.round(rate)} requests/s, ${cost.toFixed(2)} µs each`,
  );
}

/** A contender that runs and is warm. */
class Candidate implements AsyncDisposable {
  readonly #server: Server;
  readonly #load: LoadOptions;

  private constructor(server: Server, load: LoadOptions) {
    this.#server = server;
    this.#load = load;
  }

  static async start(
    contender: Contender,
    scenario: Scenario,
    { settings: { duration }, processors, burnRounds }: Context,
  ): Promise<Candidate> {
    const { workers } = scenario;
    await using started = new AsyncDisposableStack();
    const server = started.use(
      await Server.start(contender, {
        scenario,
        processors,
        both: workers !== undefined,
        ...(workers === undefined ? {} : { workers }),
        env: { BENCH_BURN_ROUNDS: String(burnRounds(contender)) },
      }),
    );
    await server.check(scenario);
    const target = { scenario, port: server.port, processor: processors.load };
    const options = { ...target, connections: usualConnections, duration };
    await load({ ...options, duration: firstWarmUp });
    started.move();
    return new Candidate(server, options);
  }

  async measure(): Promise<Served> {
    const server = this.#server;
    const countedBefore = await server.counted() ?? 0;
    const before = server.processorTime;
    await using _watched = watch(server);
    const { requests, seconds, p99 } = await load(this.#load);
    const used = server.processorTime - before;
    const counted = (await server.counted() ?? Infinity) - countedBefore;
    if (counted < requests) throw new Error(`its metrics count ${counted} of ${requests} requests`);
    return { rate: requests / seconds, cost: used / requests * 1e6, p99 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
