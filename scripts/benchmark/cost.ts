/**
 * What a contender costs besides the requests: memory, the time to start, and the processor time of
 * doing nothing.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Context, type Plan, startAndStop, usualConnections } from "./context.ts";
import { type Contender, contenders } from "./contenders.ts";
import { idleTime, megabytes, type Memory, type Start } from "./cost_data.ts";
import { reportCost } from "./cost_report.ts";
import { inTurn } from "./rounds.ts";
import { plainText } from "./scenarios.ts";
import { Server } from "./server.ts";
import { wanted } from "./settings.ts";
import { load } from "./wrk.ts";

/** Starts of each contender in each round. */
const startsEach = 4;

/** Seconds of load in a run of the load generator. */
const stretch = 5;

/** How many requests are served before the memory is read again. */
function requestsServed(quick: boolean): number {
  return quick ? 100_000 : 1_000_000;
}

/** Plans the part. */
export function planCost(context: Context): Plan {
  const { settings } = context;
  const { rounds, quick } = settings;
  const all = wanted(settings, contenders);
  const starts = all.map((contender) => ({
    name: contender.name,
    measure: () => start(contender, context),
  }));
  const memories = all.map((contender) => ({
    name: contender.name,
    measure: () => memory(contender, context),
  }));
  const idles = [{ name: "everybody", measure: () => idle(all, context) }];
  // At 30,000 requests a second; the stacks on Node take three times as long.
  const serving = requestsServed(quick) / 30_000 + 1;
  return {
    part: "cost",
    seconds: all.length * (rounds * startsEach * startAndStop + startAndStop + serving) +
      idleTime(quick) + 5,
    run: async () => {
      const started = await inTurn("start", rounds * startsEach, starts, tellStart);
      const memorised = await inTurn(
        "memory",
        1,
        memories,
        ({ idle, loaded }) => `${megabytes(idle)} MB, then ${megabytes(loaded)} MB`,
      );
      const idled = await inTurn("idle", 1, idles, (used) => `${used.size} measured`);
      return reportCost(started, memorised, idled.get("everybody"), quick);
    },
  };
}

function tellStart({ firstAnswer, started }: Start): string {
  return `${firstAnswer.toFixed(0)} ms` +
    (started === undefined ? "" : `, startup probe ${started.toFixed(0)} ms`);
}

async function start(contender: Contender, { processors }: Context): Promise<Start> {
  const setup = { scenario: plainText, processors, both: true };
  await using server = await Server.start(contender, setup);
  const { firstAnswer } = server;
  if (!contender.hurricane) return { firstAnswer };
  await using other = await Server.start(contender, { ...setup, firstProbe: "/startup" });
  return { firstAnswer, started: other.firstAnswer };
}

async function memory(contender: Contender, { settings, processors }: Context): Promise<Memory> {
  await using server = await Server.start(contender, { scenario: plainText, processors });
  await server.check(plainText);
  await sleep(1000);
  const idle = server.memory;
  let requests = 0;
  while (requests < requestsServed(settings.quick)) {
    const served = await load({
      scenario: plainText,
      port: server.port,
      connections: usualConnections,
      duration: settings.quick ? settings.duration : stretch,
      processor: processors.load,
    });
    requests += served.requests;
  }
  await sleep(1000);
  return { idle, loaded: server.memory, requests };
}

/**
 * The processor time that each contender uses while nobody asks it anything, in milliseconds. All idle
 * at the same time.
 */
async function idle(
  all: readonly Contender[],
  { settings, processors }: Context,
): Promise<Map<string, number>> {
  await using stack = new AsyncDisposableStack();
  const servers: Server[] = [];
  for (const contender of all) {
    if (contender.missing?.() !== undefined) continue;
    servers.push(stack.use(await Server.start(contender, { scenario: plainText, processors })));
  }
  await sleep(3000);
  const before = servers.map((server) => server.processorTime);
  await sleep(idleTime(settings.quick) * 1000);
  return new Map(
    servers.map((server, index) => [
      server.contender.name,
      (server.processorTime - before[index]!) * 1000,
    ]),
  );
}
