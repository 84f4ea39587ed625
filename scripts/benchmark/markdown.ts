import { pairedRatios, type Spread, spread } from "./statistics.ts";

/** A table; the first column is text, the others are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head.map((_, index) => index === 0 ? "---" : "--:");
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** A median with as many digits as mean something. */
export function figure(value: number | undefined, unit = ""): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString("en", { maximumFractionDigits: digits }) + unit;
}

/** A ratio with its quartiles: `0.97 (0.95–0.99)`. */
export function ratio(
  values: readonly (number | undefined)[],
  bases: readonly (number | undefined)[],
): string {
  const found = spread(pairedRatios(values, bases));
  return found === undefined ? "–" : withEnds(found);
}

function withEnds({ median, lower, upper }: Spread): string {
  return `${median.toFixed(2)} (${lower.toFixed(2)}–${upper.toFixed(2)})`;
}
