/**
 * The request path alone, without a server around it.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";
import type { Context, Plan, Result } from "./context.ts";
import { figure, table } from "./markdown.ts";
import { contenderFile, runtimes } from "./places.ts";
import { figures, inTurn, type Outcomes, present } from "./rounds.ts";
import { guard } from "./running.ts";
import { quantile } from "./statistics.ts";

/** Nanoseconds of a call, by `sync|async` and `bare|counted|metrics`. */
type Times = Record<string, number>;

const commands = {
  Bun: [runtimes.bun],
  Deno: [runtimes.deno, "run", "-A"],
};

/** About how long one run takes, in seconds. */
const runTime = 7;

/** Plans the part. */
export function planMicro({ settings, processors }: Context): Plan {
  const cells = Object.entries(commands).map(([name, command]) => ({
    name,
    measure: () => run([...command, contenderFile("micro.ts")], processors.server),
  }));
  return {
    part: "micro",
    seconds: cells.length * settings.rounds * runTime,
    run: async () =>
      report(
        await inTurn("micro", settings.rounds, cells, (times) =>
          Object.entries(times).map(([name, time]) =>
            `${name} ${time.toFixed(1)}`
          ).join(", ")),
      ),
  };
}

async function run(command: readonly string[], processor: string): Promise<Times> {
  const child = guard(spawn("taskset", ["-c", processor, ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "production" },
  }));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(errors.trim().split("\n").at(-1));
  return JSON.parse(output) as Times;
}

function report(outcomes: Outcomes<Times>): Result {
  const rows = [...outcomes].flatMap(([runtime, outcome]) =>
    ["sync", "async"].map((kind) => {
      const time = (path: string): number =>
        quantile(present(figures(outcome, (times) => times[`${kind} ${path}`] ?? NaN)), 0.5);
      return [
        `${runtime}, ${kind === "sync" ? "a handler that returns" : "a handler that promises"}`,
        figure(time("bare")),
        figure(time("counted")),
        figure(time("metrics")),
        figure(time("metrics") - time("bare")),
      ];
    })
  );
  const head = ["bare", "counted", "with metrics", "Hurricane's part"];
  return {
    markdown: [
      "Nanoseconds of one call, with a response that is there already: medians of medians.",
      table(["", ...head], rows),
    ].join("\n\n"),
    plots: {},
  };
}
