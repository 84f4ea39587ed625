import type { Result } from "./context.ts";
import { figure, table } from "./markdown.ts";
import { type Bar, bars } from "./plot_bars.ts";
import {
  type Answers,
  type Probed,
  probeNames,
  type State,
  states,
  titleOf,
} from "./probes_data.ts";
import type { Outcome, Outcomes } from "./rounds.ts";
import { quantile } from "./statistics.ts";

const stateTitles: Record<State, string> = {
  idle: "idle",
  saturated: "saturated",
  blocked: "handler blocks",
};

/** Tables and a picture of the probes' latency. */
export function reportProbes(outcomes: Outcomes<Probed>): Result {
  const rows = [...outcomes].flatMap(([name, outcome]) => {
    const title = titleOf(name);
    if (outcome.values.every((value) => value === undefined)) {
      return [[title, `failed: ${outcome.failed}`]];
    }
    return states.flatMap((state) =>
      probeNames.flatMap((probe) => {
        const { milliseconds, unwell } = pooled(outcome, `${state} ${probe}`);
        if (milliseconds.length === 0) return [];
        const ends = p99s(outcome, `${state} ${probe}`);
        return [[
          `${title}: ${probe}, ${stateTitles[state]}`,
          figure(quantile(milliseconds, 0.5)),
          `${figure(quantile(milliseconds, 0.99))} (${figure(Math.min(...ends))}–${
            figure(Math.max(...ends))
          })`,
          figure(Math.max(...milliseconds)),
          `${unwell} of ${milliseconds.length}`,
        ]];
      })
    );
  });
  return {
    markdown: [
      "![The slowest of a hundred probes](benchmarks/probes.svg)",
      "Milliseconds from before the connection to the first bytes of the answer, of all rounds " +
      "together; in brackets the 99th percentile of the best round alone, and of the worst.",
      table(["", "p50", "p99", "max", "not 200"], rows),
    ].join("\n\n"),
    plots: { "probes.svg": plot(outcomes) },
  };
}

function pooled({ values }: Outcome<Probed>, key: string): Answers {
  const all = values.flatMap((value) => value?.[key] ?? []);
  return {
    milliseconds: all.flatMap(({ milliseconds }) => milliseconds),
    unwell: all.reduce((sum, { unwell }) => sum + unwell, 0),
  };
}

/** One for each round. */
function p99s({ values }: Outcome<Probed>, key: string): number[] {
  return values.flatMap((value) => value?.[key] ?? [])
    .map(({ milliseconds }) => quantile(milliseconds, 0.99));
}

function plot(outcomes: Outcomes<Probed>): string {
  const groups = [...outcomes].map(([name, outcome]) => ({
    label: titleOf(name),
    bars: states.map((state): Bar => ({
      label: stateTitles[state],
      value: quantile(
        probeNames.flatMap((probe) => pooled(outcome, `${state} ${probe}`).milliseconds),
        0.99,
      ),
    })),
  }));
  return bars({ title: "99th percentile of /ready and /alive in ms", groups, logarithmic: true });
}
