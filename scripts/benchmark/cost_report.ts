import type { Result } from "./context.ts";
import { contender } from "./contenders.ts";
import { idleTime, megabytes, type Memory, type Start } from "./cost_data.ts";
import { figure, ratio, table } from "./markdown.ts";
import { bars } from "./plot_bars.ts";
import { figures, type Outcome, type Outcomes, present } from "./rounds.ts";
import { quantile } from "./statistics.ts";

/** A table and pictures of what everybody costs. */
export function reportCost(
  starts: Outcomes<Start>,
  memories: Outcomes<Memory>,
  idle: Outcome<Map<string, number>> | undefined,
  quick: boolean,
): Result {
  const used = idle?.values[0];
  const bare = starts.get("bun");
  const rows = [...starts].map(([name, outcome]) => {
    const first = figures(outcome, ({ firstAnswer }) => firstAnswer);
    const started = figures(outcome, ({ started = NaN }) => started);
    const { title, hurricane } = contender(name);
    if (present(first).length === 0) return [title, `failed: ${outcome.failed}`];
    const memory = memories.get(name);
    const kept = memory?.values[0];
    const until = hurricane ? started : first;
    return [
      title,
      figure(quantile(present(first), 0.5)),
      hurricane ? figure(quantile(present(started), 0.5)) : "–",
      ratio(until, figures(bare, ({ firstAnswer }) => firstAnswer)),
      ...(kept === undefined
        ? [`failed: ${memory?.failed}`, "–"]
        : [megabytes(kept.idle), megabytes(kept.loaded)].map(String)),
      figure(used?.get(name)),
    ];
  });
  const head = [
    "first answer in ms",
    "startup probe 200 in ms",
    "of `Bun.serve`'s first answer",
    "memory in MB, idle",
    `after ${figure(servedBy(memories))} requests`,
    `CPU of ${idleTime(quick)} s idle in ms`,
  ];
  return {
    markdown: [
      "![Memory of all processes](benchmarks/memory.svg)",
      "From the start of the process, with nothing cached but what the system keeps of files. Memory " +
      "is the proportional set size of all processes (`Pss`).",
      table(["", ...head], rows),
    ].join("\n\n"),
    plots: { "memory.svg": plot(memories) },
  };
}

function servedBy(memories: Outcomes<Memory>): number {
  const served = [...memories.values()].flatMap(({ values }) => values[0]?.requests ?? []);
  return served.length === 0 ? NaN : Math.min(...served);
}

function plot(memories: Outcomes<Memory>): string {
  const groups = [...memories].map(([name, { values }]) => ({
    label: contender(name).title,
    bars: [
      { label: "idle", value: megabytes(values[0]?.idle ?? NaN) },
      { label: "after the requests", value: megabytes(values[0]?.loaded ?? NaN) },
    ],
  }));
  return bars({ title: "Memory of all processes in MB (Pss)", groups });
}
