import type { Result } from "./context.ts";
import { contender, contenders } from "./contenders.ts";
import { figure, ratio, table } from "./markdown.ts";
import { type Bar, bars } from "./plot_bars.ts";
import { figures, type Outcome, type Outcomes, present } from "./rounds.ts";
import { plainText, type Scenario, scenarios } from "./scenarios.ts";
import { pairedRatios, quantile, spread } from "./statistics.ts";
import { cellName, type Served } from "./throughput_data.ts";

type Found = (scenario: Scenario, contender: string) => Outcome<Served> | undefined;

const forms = contenders.filter(({ hurricane }) => hurricane);

/** Each form of Hurricane, and what people use instead of it. */
const rivals = [
  ["hurricane", "srvx-bun"],
  ["hurricane-deno", "srvx-deno"],
  ["hurricane", "hono-bun"],
  ["hurricane", "node"],
  ["hurricane", "fastify"],
] as const;

/** Tables and a picture of what was served. */
export function reportThroughput(outcomes: Outcomes<Served>): Result {
  const find: Found = (scenario, name) => outcomes.get(cellName(scenario, contender(name)));
  const measured = scenarios.filter((scenario) =>
    contenders.some(({ name }) => find(scenario, name) !== undefined)
  );
  const oneWorker = measured.filter(({ workers = 1 }) => workers === 1);
  return {
    markdown: [
      "![Hurricane's share of what the bare runtime serves](benchmarks/throughput.svg)",
      "Of the bare runtime: requests per second, and requests per second of processor time.",
      againstBare(oneWorker, find),
      "![Everybody's plain text](benchmarks/everybody.svg)",
      "How many times as many requests per second as others:",
      againstRivals(oneWorker.filter(({ workers }) => workers === undefined), find),
      ...twoWorkers(find),
      "All of it:",
      everything(measured, find),
    ].join("\n\n"),
    plots: {
      "throughput.svg": plotAgainstBare(oneWorker, find),
      "everybody.svg": plotEverybody(find),
    },
  };
}

const rate = ({ rate }: Served): number => rate;
const thrift = ({ cost }: Served): number => 1 / cost;

function againstBare(measured: readonly Scenario[], find: Found): string {
  const head = forms.flatMap(({ title }) => [title, "per CPU second"]);
  return table(
    ["", ...head],
    measured.map((scenario) => [
      scenario.title,
      ...forms.flatMap(({ name, bare = "bun" }) => {
        const [own, base] = [find(scenario, name), find(scenario, bare)];
        return [rate, thrift].map((pick) => ratio(figures(own, pick), figures(base, pick)));
      }),
    ]),
  );
}

function againstRivals(measured: readonly Scenario[], find: Found): string {
  return table(
    ["", ...rivals.map(([form, rival]) => `${contender(form).title} ÷ ${contender(rival).title}`)],
    measured.map((scenario) => [
      scenario.title,
      ...rivals.map(([form, rival]) =>
        ratio(figures(find(scenario, form), rate), figures(find(scenario, rival), rate))
      ),
    ]),
  );
}

function twoWorkers(find: Found): string[] {
  const [one, two] = [1, 2].map((count) => scenarios.find(({ workers }) => workers === count));
  if (one === undefined || two === undefined) return [];
  const rows = forms.map(({ name, title }) => [
    title,
    ratio(figures(find(two, name), rate), figures(find(one, name), rate)),
  ]);
  if (rows.every(([, value]) => value === "–")) return [];
  return [
    "How many times as much as one worker two of them serve, with 1 ms of CPU for each request:",
    table(["", "two ÷ one"], rows),
  ];
}

function everything(measured: readonly Scenario[], find: Found): string {
  const rows = measured.flatMap((scenario) =>
    contenders.flatMap(({ name, title, bare }) => {
      const found = find(scenario, name);
      if (found === undefined) return [];
      const base = bare === undefined ? undefined : find(scenario, bare);
      const middle = (pick: (value: Served) => number): number | undefined =>
        spread(present(figures(found, pick)))?.median;
      const failed = middle(rate) === undefined ? `failed: ${found.failed}` : undefined;
      return [[
        `${scenario.title}: ${title}`,
        failed ?? figure(middle(rate)),
        ratio(figures(found, rate), figures(base, rate)),
        figure(middle(({ cost }) => cost)),
        ratio(figures(found, thrift), figures(base, thrift)),
        figure(middle(({ p99 }) => p99)),
      ]];
    })
  );
  const head = ["requests/s", "of bare", "µs of CPU each", "of bare, per CPU second", "p99 in ms"];
  return table(["", ...head], rows);
}

function plotAgainstBare(measured: readonly Scenario[], find: Found): string {
  const groups = measured.map((scenario) => ({
    label: scenario.title,
    bars: forms.map(({ name, title, bare = "bun" }): Bar => {
      const ratios = spread(pairedRatios(
        figures(find(scenario, name), rate),
        figures(find(scenario, bare), rate),
      ));
      return {
        label: title,
        value: ratios?.median ?? NaN,
        ...(ratios === undefined ? {} : { ends: [ratios.lower, ratios.upper] }),
      };
    }),
  }));
  return bars({
    title: "Requests per second on one core, the bare runtime is 1",
    groups,
    mark: 1,
  });
}

function plotEverybody(find: Found): string {
  const groups = contenders.map(({ name, title }) => {
    const rates = present(figures(find(plainText, name), rate));
    return { label: title, bars: [{ label: "", value: quantile(rates, 0.5) }] };
  });
  return bars({ title: "Plain text on one core: requests per second", groups });
}
