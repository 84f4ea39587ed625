/**
 * The answer to a scrape, in the Prometheus text format or in OpenMetrics.
 *
 * @module
 */
import { parseAccept } from "hono/utils/accept";
import type { RegistryContentType } from "prom-client";
import { batches } from "./batches.ts";
import { type MetricsInput, ownMetrics } from "./catalogue.ts";
import { type PromMetric, type PromSample, withoutClashes } from "./custom.ts";
import type { SteadySums } from "./steady.ts";

export type { MetricsInput };

/**
 * Writes out Hurricane's metrics and the handler's, these summed over the workers (or whatever each
 * metric's `aggregator` says). Where a name of the handler's is one of Hurricane's, Hurricane's wins.
 *
 * @param accept the request's `Accept`: OpenMetrics 1.0 where it asks for that first, otherwise the
 * Prometheus text format 0.0.4
 * @param steady knows what was shown before
 *
 * @example
 * ```ts
 * import { exposition, type MetricsInput } from "./exposition.ts";
 *
 * async function answer(request: Request, input: MetricsInput): Promise<Response> {
 *   const accept = request.headers.get("accept") ?? undefined;
 *   const { contentType, body } = await exposition(input, accept);
 *   return new Response(body, { headers: { "content-type": contentType } });
 * }
 * ```
 */
export async function exposition(
  input: MetricsInput,
  accept: string | undefined,
  steady?: SteadySums,
): Promise<{ contentType: string; body: string }> {
  // Takes 30 ms to load, which a start should not wait for and a service without scrapes never needs.
  const { AggregatorRegistry } = await import("prom-client");
  const own = ownMetrics(input);
  const custom = input.custom.map(withSamples);
  const sets = [withSamples(own), ...withoutClashes(own, custom)];
  const openMetrics = prefersOpenMetrics(accept);
  const contentType: RegistryContentType = openMetrics
    ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
    : "text/plain; version=0.0.4; charset=utf-8";
  const names = new Set(sets.flat().map((metric) => metric.name));
  const round = steady?.begin();
  const texts: string[] = [];
  for await (const { sets: some, goesOn, single } of batches(sets)) {
    const registry = AggregatorRegistry.aggregate<RegistryContentType>(
      openMetrics ? asOpenMetrics(some, names) : some,
    );
    // It gives the very objects that it will write out. What is no sum cannot fall by rounding.
    if (!single) round?.keep(await registry.getMetricsAsJSON());
    registry.setContentType(contentType);
    const text = await registry.metrics();
    const samples = openMetrics ? text.slice(0, -lastLine.length) : text;
    if (!openMetrics && texts.length > 0 && !goesOn) texts.push("\n");
    texts.push(goesOn ? samples.replace(head, "") : samples);
  }
  round?.end();
  return { contentType, body: texts.join("") + (openMetrics ? lastLine : "") };
}

/** How an exposition in OpenMetrics ends. */
const lastLine = "# EOF\n";

/** What stands before the samples of a metric. */
const head = /^# HELP .*\n# TYPE .*\n/;

function withSamples(metrics: PromMetric[]): PromMetric[] {
  return metrics.filter((metric) => metric.values.length > 0);
}

/**
 * The first of the accepted types that there is, by weight and then by order, as Prometheus' own
 * client libraries choose. A wildcard means the older format, which everything reads.
 */
function prefersOpenMetrics(accept: string | undefined): boolean {
  for (const { type, params, q } of parseAccept(accept ?? "")) {
    if (q === 0) continue;
    const version = params["version"];
    switch (type.toLowerCase()) {
      case "application/openmetrics-text":
        if (version === undefined || version === "1.0.0") return true;
        break;
      case "text/plain":
        if (version === undefined || version === "0.0.4") return false;
        break;
      case "text/*":
      case "*/*":
        return false;
    }
  }
  return false;
}

type OpenMetric = Omit<PromMetric, "type"> & { type: PromMetric["type"] | "unknown" };

/**
 * What `prom-client` leaves undone where it aggregates for OpenMetrics.
 *
 * A counter is named without the `_total` that its sample has (an aggregated one would end in
 * `_total_total`). One that has no `_total`, or that would then be named like another metric, is
 * written as `unknown`, so that a series has the same name in both formats.
 */
function asOpenMetrics(sets: PromMetric[][], names: ReadonlySet<string>): OpenMetric[][] {
  return sets.map((metrics) =>
    metrics.map((metric) => ({
      ...metric,
      ...nameAndType(metric, names),
      // A quote would have to be escaped here, unlike in the older format.
      help: metric.help.replaceAll('"', "'"),
      values: metric.values.map((sample) => withCanonicalBound(sample, metric.type)),
    }))
  );
}

function nameAndType(
  { name, type }: PromMetric,
  names: ReadonlySet<string>,
): Pick<OpenMetric, "name" | "type"> {
  if (type !== "counter") return { name, type };
  const base = name.replace(/_total$/, "");
  return names.has(base) ? { name, type: "unknown" } : { name: base, type };
}

function withCanonicalBound(sample: PromSample, type: PromMetric["type"]): PromSample {
  const label = type === "histogram" ? "le" : type === "summary" ? "quantile" : undefined;
  const bound = label === undefined ? undefined : sample.labels[label];
  if (label === undefined || bound === undefined || !Number.isFinite(Number(bound))) return sample;
  return { ...sample, labels: { ...sample.labels, [label]: canonicalNumber(Number(bound)) } };
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
