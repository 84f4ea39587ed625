/**
 * What the handler has registered with a `prom-client` of its own: checked, and without what would
 * clash with another metric.
 *
 * @module
 */
import * as z from "zod/mini";
import { LateSchema, type Output } from "../late_schema.ts";
import { logger } from "../log.ts";

const log = logger("metrics");

/** What a sample's name may add to its metric's. */
const suffixes = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
};

const metricSchema = new LateSchema(() => {
  const labelValue = z.pipe(
    z.union([z.string(), z.number(), z.boolean(), z.null()]),
    z.transform(String),
  );
  // Prometheus refuses all of a scrape in which a series names itself twice.
  const labelName = z.string().check(z.regex(/^(?!__name__$)[a-zA-Z_]\w*$/));
  const sample = z.object({
    value: z.unknown(),
    labels: z._default(z.record(labelName, labelValue), {}),
    metricName: z.optional(z.string()),
  });
  return z.object({
    name: z.string().check(
      z.regex(/^[a-zA-Z_:][\w:]*$/),
      z.refine((name) => !(name in Object.prototype), "prom-client cannot hold this name"),
    ),
    help: z._default(z.string(), ""),
    type: z.enum(["counter", "gauge", "histogram", "summary"]),
    aggregator: z._default(z.enum(["omit", "sum", "first", "min", "max", "average"]), "sum"),
    values: z.pipe(
      z.array(sample),
      // JSON has no NaN and no infinity: from another process they come as null, and say nothing.
      z.transform((values) => values.filter(hasFiniteValue)),
    ),
  }).check(z.refine(
    (metric) =>
      metric.values.every(({ metricName = metric.name }) =>
        suffixes[metric.type].some((suffix) => metric.name + suffix === metricName)
      ),
    "a sample is named unlike its metric",
  ));
});

/** One metric as `prom-client` 14 and 15 give it in `registry.getMetricsAsJSON()`. */
export type PromMetric = Output<typeof metricSchema>;

/** One sample of a {@linkcode PromMetric}. */
export type PromSample = PromMetric["values"][number];

/**
 * Reads one worker's `registry.getMetricsAsJSON()`.
 *
 * Never fails: it comes from the handler's process, and one metric that is not as it should be must
 * cost neither the others nor the message it came in. Such a metric is left out, with a warning the
 * first time.
 */
export const customMetricsSchema: LateSchema<PromMetric[]> = new LateSchema(() =>
  z.pipe(z.unknown(), z.transform(readMetrics))
);

function readMetrics(metrics: unknown): PromMetric[] {
  if (!Array.isArray(metrics)) {
    warnOnce("all of a worker", "not a list");
    return [];
  }
  return metrics.flatMap((metric: unknown) => {
    const result = metricSchema.safeParse(metric);
    if (result.success) return [result.data];
    const named = z.object({ name: z.string() }).safeParse(metric);
    const issue = result.error.issues[0];
    warnOnce(
      named.success ? named.data.name : "one without a name",
      `${issue?.message} at ${issue?.path.join(".") || "the metric"}`,
    );
    return [];
  });
}

/**
 * The workers' metrics without those that cannot stand beside Hurricane's own, or beside each
 * other: the same name, or the name of another one's sample. The first one has the name.
 *
 * Workers may run different versions of a handler for a while. A metric of the same name but with
 * another type or other buckets cannot be added up, and counts as a clash too.
 *
 * @param own Hurricane's
 * @param custom the handler's, a list for each worker
 */
export function withoutClashes(own: PromMetric[], custom: PromMetric[][]): PromMetric[][] {
  const owners = new Map<string, string>();
  for (const metric of own) {
    for (const name of namesOf(metric)) owners.set(name, "Hurricane");
  }
  return custom.map((metrics) =>
    metrics.filter((metric) => {
      const owner = shapeOf(metric);
      const names = namesOf(metric);
      const clash = names.find((name) => (owners.get(name) ?? owner) !== owner);
      if (clash === undefined) {
        for (const name of names) owners.set(name, owner);
        return true;
      }
      // `collectDefaultMetrics()` registers these: what is meant is what Hurricane has.
      if (!metric.name.startsWith("process_")) {
        warnOnce(metric.name, `${clash} is taken by ${owners.get(clash)}`);
      }
      return false;
    })
  );
}

/** The names that a metric occupies: of its samples, and its own. */
function namesOf(metric: PromMetric): string[] {
  return ["", ...suffixes[metric.type]].map((suffix) => metric.name + suffix);
}

function shapeOf({ name, type, values }: PromMetric): string {
  const shape = `the handler's ${type} ${name}`;
  if (type !== "histogram") return shape;
  const bounds = new Set(values.flatMap((sample) => sample.labels["le"] ?? []));
  return `${shape} of the buckets ${[...bounds].join(", ")}`;
}

function hasFiniteValue<Sample extends { value: unknown }>(
  sample: Sample,
): sample is Sample & { value: number } {
  return Number.isFinite(sample.value);
}

const warned = new Set<string>();

/** A scrape comes every few seconds, and the names are the handler's: neither may flood the log. */
function warnOnce(name: string, reason: string): void {
  if (warned.has(name) || warned.size >= 100) return;
  warned.add(name);
  log.warn("left out of the handler's metrics: {name}: {reason}", { name, reason });
}
