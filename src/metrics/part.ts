/**
 * How samples of the handler's own metrics cross from its process to the supervisor.
 *
 * @module
 */
import * as z from "zod/mini";
import { LateSchema } from "../late_schema.ts";
import { escaped, type Family, frameOf, suffixes } from "./family.ts";
import { leftOut } from "./left_out.ts";

/** Some samples of a metric, told in as few words as they can be. */
export interface MetricPart {
  name: string;
  help?: string;
  type: string;
  aggregator?: string;
  /** What samples are called: the name, and the names of the labels, sorted. */
  shapes: string[][];
  /** Of each sample the number of its shape, its value, and the values of its labels. */
  rows: (number | string)[];
}

/** Some samples of a metric, as they are kept. */
export interface ReadPart extends Pick<Family, "name" | "help" | "type" | "aggregator"> {
  /** As `Family` has them: the first value belongs to the first series. */
  series: string[];
  values: number[];
  bounds: Set<string>;
  /** How much it is, in characters. */
  size: number;
}

const schema = new LateSchema(() => {
  // Prometheus refuses all of a scrape in which a series names itself twice.
  const labelName = z.string().check(z.regex(/^(?!__name__$)[a-zA-Z_]\w*$/));
  const sorted = (labels: readonly string[]): boolean =>
    labels.every((label, index) => index === 0 || labels[index - 1]! < label);
  return z.object({
    name: z.string().check(z.regex(/^[a-zA-Z_:][\w:]*$/)),
    help: z._default(z.string(), ""),
    type: z.enum(["counter", "gauge", "histogram", "summary"]),
    aggregator: z._default(z.enum(["omit", "sum", "first", "min", "max", "average"]), "sum"),
    shapes: z.array(
      z.tuple([z.string()], labelName)
        .check(z.refine(([, ...labels]) => sorted(labels), "labels are twice there")),
    ),
    // There are thousands of them, each of which is looked at below.
    rows: z.custom<unknown[]>((rows) => Array.isArray(rows), "not a list"),
  }).check(z.refine(
    ({ name, type, shapes }) =>
      shapes.every(([sample]) => suffixes[type].some((suffix) => name + suffix === sample)),
    "a sample is named unlike its metric",
  ));
});

/**
 * Reads a part. It comes from the handler's process, which may send anything: what is not as it should be
 * is left out, with a warning the first time, and `undefined` is given.
 */
export function readPart(part: unknown): ReadPart | undefined {
  const result = schema.schema.safeParse(part);
  if (!result.success) {
    const issue = result.error.issues[0];
    return refused(part, `${issue?.message} at ${issue?.path.join(".") || "the metric"}`);
  }
  const { shapes, rows, ...head } = result.data;
  const frames = shapes.map(([name, ...labels]) => frameOf(name, labels));
  // Where a bound stands among the values of a row's labels.
  const boundsAt = shapes.map(([, ...labels]) =>
    head.type === "histogram" ? labels.indexOf("le") : -1
  );
  const read: ReadPart = { ...head, series: [], values: [], bounds: new Set(), size: 0 };
  read.size = head.name.length + head.help.length;
  for (let at = 0; at < rows.length;) {
    const shape = rows[at++];
    const value = rows[at++];
    const frame = typeof shape === "number" ? frames[shape] : undefined;
    if (frame === undefined || !Number.isFinite(value)) return refused(part, "what is no sample");
    const boundAt = boundsAt[shape as number]!;
    if (boundAt >= 0) read.bounds.add(String(rows[at + boundAt]));
    let series = frame[0]!;
    for (let piece = 1; piece < frame.length; piece++) {
      const label = rows[at++];
      if (typeof label !== "string") return refused(part, "a label without a value");
      series += escaped(label) + frame[piece]!;
    }
    read.series.push(series);
    read.values.push(value as number);
    read.size += series.length;
  }
  return read;
}

function refused(part: unknown, reason: string): undefined {
  const { name } = Object(part) as { name?: unknown };
  leftOut(typeof name === "string" ? name : "one without a name", reason);
}
