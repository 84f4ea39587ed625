/**
 * What readiness does to a Service all of whose pods have too much to do: computed.
 *
 * @module
 */
import type { Context, Plan, Result } from "./context.ts";
import { crowd, type Protection } from "./crowd_model.ts";
import { table } from "./markdown.ts";
import { bars } from "./plot_bars.ts";

/** What is compared. */
const protections: readonly { title: string; protection: Protection }[] = [
  { title: "nothing", protection: { queueLimit: Infinity, failures: 2 } },
  { title: "readiness, 10 requests", protection: { queueLimit: 10, failures: 2 } },
  { title: "readiness, 100 requests", protection: { queueLimit: 100, failures: 2 } },
  { title: "the same, ten failures in a row", protection: { queueLimit: 100, failures: 10 } },
  {
    title: "--max-wait, with all that waits counted",
    protection: { queueLimit: 100, failures: 2, maxWait: 100 },
  },
  { title: "--max-wait 100ms", protection: { queueLimit: Infinity, failures: 2, maxWait: 100 } },
];

/** What is offered, in multiples of what all pods together can do. */
const times = [0.8, 1.5, 4] as const;

/** Plans the part. It is the same whatever the settings are. */
export function planCrowd(_context: Context): Plan {
  return { part: "crowd", seconds: 15, run: () => Promise.resolve(report()) };
}

function report(): Result {
  const computed = protections.map(({ title, protection }) => ({
    title,
    outcomes: times.map((times) => crowd({ pods: 4, times, seconds: 120, seed: 1 }, protection)),
  }));
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const rows = computed.map(({ title, outcomes }) => [
    title,
    ...outcomes.map(({ inTime, empty, takenOut }) =>
      takenOut === 0
        ? percent(inTime)
        : `${percent(inTime)}, taken out ${takenOut} times, nobody left ${
          percent(empty)
        } of the time`
    ),
  ]);
  const plot = bars({
    title: "Answered in time, in % of what four pods can do",
    groups: computed.map(({ title, outcomes }) => ({
      label: title,
      bars: outcomes.map(({ inTime }, index) => ({
        label: `${times[index]} × offered`,
        value: inTime * 100,
      })),
    })),
    mark: 100,
  });
  return {
    markdown: [
      "![Answered in time by four pods](benchmarks/crowd.svg)",
      table(["four pods, 5 ms of CPU a request", ...times.map((one) => `${one} × offered`)], rows),
    ].join("\n\n"),
    plots: { "crowd.svg": plot },
  };
}
