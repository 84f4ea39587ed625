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
import { reportThroughput } from "./throughput_report.ts";
import { watch } from "./watch.ts";
import { type Load, load, type LoadOptions } from "./wrk.ts";

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
  const fields = wanted(settings, scenarios).map((scenario) => ({
    scenario,
    taking: wanted(settings, contenders).filter((contender) => takesPart(contender, scenario)),
  }));
  const cells = fields.reduce((sum, { taking }) => sum + taking.length, 0);
  return {
    part: "throughput",
    seconds: cells * (startAndStop + longWarmUp + settings.rounds * settings.duration),
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
 * Seconds of load before the first measurement. The compilers take longer than elsewhere for the
 * larger programs, and here each is warmed up once only.
 */
const longWarmUp = 4;

/**
 * All contenders run side by side and are loaded in turn, so that what is compared is as old as the
 * other; whoever is not loaded idles.
 */
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
  readonly #load: Omit<LoadOptions, "duration">;
  readonly #duration: number;
  /** All requests that it has been sent. */
  #sent = 0;

  private constructor(server: Server, load: Omit<LoadOptions, "duration">, duration: number) {
    this.#server = server;
    this.#load = load;
    this.#duration = duration;
  }

  static async start(
    contender: Contender,
    scenario: Scenario,
    { settings, processors, burnRounds }: Context,
  ): Promise<Candidate> {
    const { workers } = scenario;
    await using started = new AsyncDisposableStack();
    const server = started.use(
      await Server.start(contender, {
        scenario,
        processors,
        both: workers !== undefined,
        ...(workers === undefined ? {} : { workers }),
        env: { BENCH_BURN_ROUNDS: String(burnRounds) },
      }),
    );
    await server.check(scenario);
    const { port } = server;
    const options = { scenario, port, connections: usualConnections, processor: processors.load };
    const candidate = new Candidate(server, options, settings.duration);
    await candidate.#serve(longWarmUp);
    started.move();
    return candidate;
  }

  async measure(): Promise<Served> {
    const server = this.#server;
    const before = server.processorTime;
    const watching = watch(server);
    const { requests, seconds, p99 } = await this.#serve(this.#duration);
    const used = server.processorTime - before;
    await watching.stop();
    await server.checkCounts(this.#sent);
    return { rate: requests / seconds, cost: used / requests * 1e6, p99 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  async #serve(duration: number): Promise<Load> {
    const served = await load({ ...this.#load, duration });
    this.#sent += served.requests;
    return served;
  }
}
