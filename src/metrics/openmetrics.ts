/**
 * What OpenMetrics writes otherwise than the older text format.
 *
 * @module
 */
import type { Family } from "./family.ts";

/**
 * A counter is named without the `_total` that its sample has. One that has no `_total`, or that would
 * then be named like another metric, is written as `unknown`, so that a series has the same name in both
 * formats.
 *
 * @param names those of all metrics
 */
export function openMetricsHead(
  { name, type, help }: Family,
  names: ReadonlySet<string>,
): { name: string; type: Family["type"] | "unknown"; help: string } {
  // A quote would have to be escaped here, unlike in the older format.
  const quoted = help.replaceAll('"', "'");
  if (type !== "counter") return { name, type, help: quoted };
  const base = name.replace(/_total$/, "");
  return names.has(base)
    ? { name, type: "unknown", help: quoted }
    : { name: base, type, help: quoted };
}

/** No value of a label can look like that: its quotes are escaped. */
const bounds = { histogram: /([{,]le=)"([^"\\]+)"/g, summary: /([{,]quantile=)"([^"\\]+)"/g };

/** The samples of a metric, with bounds as OpenMetrics wants them. */
export function withCanonicalBounds(lines: string, type: Family["type"]): string {
  if (type !== "histogram" && type !== "summary") return lines;
  return lines.replace(bounds[type], (whole, label: string, bound: string) => {
    const number = Number(bound);
    return Number.isFinite(number) ? `${label}"${canonicalNumber(number)}"` : whole;
  });
}

/**
 * As OpenMetrics wants the numbers in label values: Go's `%g`, with `.0` where that has neither a
 * point nor an exponent.
 */
function canonicalNumber(value: number): string {
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 6)) {
    return `${mantissa}e${power < 0 ? "-" : "+"}${`${Math.abs(power)}`.padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}
