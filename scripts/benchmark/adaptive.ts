/**
 * Can a limit of what is in flight be found by itself? Computed.
 *
 * @module
 */
import { adapt, rules, situations } from "./adaptive_model.ts";
import type { Context, Plan, Result } from "./context.ts";
import { table } from "./markdown.ts";

/** Plans the part. It is the same whatever the settings are. */
export function planAdaptive(_context: Context): Plan {
  return { part: "adaptive", seconds: 20, run: () => Promise.resolve(report()) };
}

function report(): Result {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const rows = situations.map((situation) => [
    situation.title,
    ...Object.values(rules).map((rule) => {
      const { refused, inTime } = adapt(situation, rule);
      const said = `${percent(refused)} refused`;
      return Number.isNaN(inTime) ? said : `${said}, ${percent(inTime)} of the capacity in time`;
    }),
  ]);
  return { markdown: table(["handler that only awaits", ...Object.keys(rules)], rows), plots: {} };
}
