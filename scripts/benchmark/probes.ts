/**
 * How long a probe takes: idle, at saturation, and while the handler blocks its event loop.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Context, type Plan, startAndStop, usualConnections, warmUp } from "./context.ts";
import { type Contender, contenders } from "./contenders.ts";
import { type Answer, ask } from "./http.ts";
import {
  type Answers,
  beside,
  type Probed,
  type ProbeName,
  probeNames,
  type State,
  states,
} from "./probes_data.ts";
import { reportProbes } from "./probes_report.ts";
import { inTurn } from "./rounds.ts";
import { plainText, type Scenario } from "./scenarios.ts";
import { Server } from "./server.ts";
import { wanted } from "./settings.ts";
import { load } from "./wrk.ts";

/** How often each probe is asked, in milliseconds; never the slower for a slow answer. */
const interval = 20;

/** A handler that blocks when it is told to. */
const blocking: Scenario = { ...plainText, handler: "block" };

/** Plans the part. */
export function planProbes({ settings, processors }: Context): Plan {
  const { rounds, duration } = settings;
  const measure = async (contender: Contender, isBeside: boolean): Promise<Probed> => {
    await using server = await Server.start(contender, { scenario: blocking, processors });
    await using other = isBeside
      ? await Server.start(contender, { scenario: plainText, processors })
      : undefined;
    const target: Target = other === undefined
      ? { names: probeNames, ask: (name) => server.probe(name) }
      : { names: ["alive"], ask: () => ask({ port: other.port, path: plainText.path }) };
    const probed: Probed = {};
    for (const state of states) {
      await Promise.all([
        occupy(server, state, duration, processors.load),
        probeFor(target, state, duration * 1000, probed),
      ]);
    }
    return probed;
  };
  const cells = wanted(settings, contenders).flatMap((contender) => {
    const { name, probes } = contender;
    if (name === "bun" || name === "deno") {
      return [{ name: beside(contender), measure: () => measure(contender, true) }];
    }
    if (probes === undefined || name === "hono-bun") return [];
    return [{ name, measure: () => measure(contender, false) }];
  });
  return {
    part: "probes",
    seconds: cells.length * rounds * (startAndStop + warmUp + 3 * duration),
    run: async () =>
      reportProbes(
        await inTurn("probes", rounds, cells, (probed) =>
          Object.entries(probed).map(([name, { milliseconds }]) =>
            `${name} ${Math.max(...milliseconds).toFixed(1)}`
          ).join(", ") + " ms at most"),
      ),
  };
}

async function occupy(
  { port }: Server,
  state: State,
  duration: number,
  processor: string,
): Promise<void> {
  if (state === "idle") return;
  if (state === "blocked") {
    const path = `/block/${duration * 1000}`;
    return void await ask({ port, path, timeout: duration * 1000 + 20_000 });
  }
  // Longer than the probes are asked, and begun before.
  await load({
    scenario: blocking,
    port,
    connections: usualConnections,
    duration: duration + 1,
    processor,
  });
}

/** What is asked. */
interface Target {
  names: readonly ProbeName[];
  ask(name: ProbeName): Promise<Answer>;
}

async function probeFor(
  target: Target,
  state: State,
  milliseconds: number,
  probed: Probed,
): Promise<void> {
  if (state === "saturated") await sleep(500);
  if (state === "blocked") await sleep(50);
  const { names } = target;
  const asked: Promise<void>[] = [];
  const started = performance.now();
  for (let turn = 0; performance.now() < started + milliseconds - 50; turn++) {
    const name = names[turn % names.length]!;
    const answers = probed[`${state} ${name}`] ??= { milliseconds: [], unwell: 0 };
    asked.push(timed(target.ask(name), answers));
    const next = started + (turn + 1) * interval / names.length;
    await sleep(Math.max(0, next - performance.now()));
  }
  await Promise.all(asked);
}

/** No answer at all is a late one, too. */
async function timed(answer: Promise<Answer>, answers: Answers): Promise<void> {
  const started = performance.now();
  try {
    const { milliseconds, status } = await answer;
    answers.milliseconds.push(milliseconds);
    if (status !== 200) answers.unwell++;
  } catch {
    answers.milliseconds.push(performance.now() - started);
    answers.unwell++;
  }
}
