import type { Variant } from "../../tests/support/proxies/page.ts";
import type { Result } from "./restarts.ts";

/** What was measured of a proxy with one configuration. */
export interface Row {
  proxy: string;
  variant: Variant;
  results: Result[];
}

/** In Markdown: what failed in each run, and the slowest answer of all. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ proxy, variant, results }) => [
    proxy,
    variant.toLowerCase(),
    results.map(({ failed }) => failed).join(", "),
    spread(results.map(({ sent }) => sent)),
    `${Math.max(...results.map(({ slowest }) => Math.round(slowest)))} ms`,
  ]);
  const head = ["proxy", "configuration", "failed, run by run", "of", "slowest answer"];
  const lines = [head, head.map(() => "---"), ...cells].map((line) => `| ${line.join(" | ")} |`);
  return lines.join("\n");
}

function spread(numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least}–${most}`;
}
