/**
 * The processor time of a request, by sets of fresh processes that run side by side: what one process
 * happens to get (addresses, tiers of the compiler, caches) stays with it, and to measure it more often does
 * not help; what the machine does meanwhile meets all of a set.
 *
 * @module
 */
import { type Context, type Plan, startAndStop, usualConnections } from "./context.ts";
import { type Contender, contenders } from "./contenders.ts";
import { again, cellName, leastSets, type Price } from "./price_data.ts";
import { reportPrice } from "./price_report.ts";
import { type Cell, inTurn, type Outcome, type Outcomes, present } from "./rounds.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { Server } from "./server.ts";
import { wanted } from "./settings.ts";
import { watch } from "./watch.ts";
import { load } from "./wrk.ts";

/** Seconds of load before a process is measured. */
const warmUp = 4;

/** How often each process of a set is measured, in turn: an even number, so that none is always later. */
const windows = 6;

/** Plans the part. */
export function planPrice(context: Context): Plan {
  const { settings } = context;
  const sets = Math.max(leastSets, settings.rounds);
  const taking = wanted(settings, contenders.filter(takesPart)).flatMap((one) =>
    one.hurricane ? [one] : [one, again(one)]
  );
  const measured = wanted(settings, scenarios.filter(({ workers }) => workers === undefined));
  const each = startAndStop + warmUp + windows * settings.duration;
  return {
    part: "price",
    seconds: measured.length * taking.length * sets * each,
    run: async () => {
      const outcomes = new Map<string, Outcome<Price>>(
        measured.flatMap((scenario) =>
          taking.map(({ name }) => [cellName(scenario, name), { values: [] }])
        ),
      );
      for (let set = 1; set <= sets; set++) {
        for (const scenario of measured) {
          const part = `price, set ${set} of ${sets}`;
          const found = await measureSet(part, taking, scenario, context);
          for (const { name } of taking) {
            const cell = cellName(scenario, name);
            outcomes.get(cell)!.values.push(sum(found.get(cell)));
          }
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

/** What one process was seen to do. */
interface Window {
  requests: number;
  /** Processor time, in seconds. */
  used: number;
}

/** A fresh process of each, all side by side, measured in turn. */
async function measureSet(
  part: string,
  taking: readonly Contender[],
  scenario: Scenario,
  { settings: { duration }, processors }: Context,
): Promise<Outcomes<Window>> {
  await using running = new AsyncDisposableStack();
  const cells: Cell<Window>[] = [];
  for (const contender of taking) {
    const name = cellName(scenario, contender.name);
    try {
      const server = running.use(await Server.start(contender, { scenario, processors }));
      await server.check(scenario);
      const target = { scenario, port: server.port, processor: processors.load };
      const options = { ...target, connections: usualConnections, duration };
      await load({ ...options, duration: warmUp });
      cells.push({
        name,
        measure: async () => {
          await using _watched = watch(server);
          const before = server.processorTime;
          const { requests } = await load(options);
          return { requests, used: server.processorTime - before };
        },
      });
    } catch (error) {
      cells.push({ name, measure: () => Promise.reject(error) });
    }
  }
  const tell = (window: Window): string => `${costOf(window).toFixed(2)} µs`;
  return await inTurn(part, windows, cells, tell);
}

/** All windows of a process together; `undefined` where one of them failed. */
function sum(outcome: Outcome<Window> | undefined): Price | undefined {
  const all = present(outcome?.values ?? []);
  if (all.length < windows) return undefined;
  const requests = all.reduce((total, window) => total + window.requests, 0);
  const used = all.reduce((total, window) => total + window.used, 0);
  return { cost: costOf({ requests, used }) };
}

/** In microseconds of processor time for each request. */
function costOf({ requests, used }: Window): number {
  return used / requests * 1e6;
}
