/**
 * A strict reader of what Prometheus scrapes: it refuses what Prometheus itself would let pass.
 *
 * Knows what Hurricane writes: no timestamps, no exemplars, no comments.
 *
 * @module
 */

/** One line with a value. */
export interface Sample {
  /** With its suffix. */
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** A metric with all its samples. */
export interface Family {
  name: string;
  help: string;
  type: string;
  samples: Sample[];
}

/** The two formats a scrape can ask for. */
export type Format = "prometheus" | "openmetrics";

const suffixes: Record<Format, Record<string, string[]>> = {
  prometheus: {
    counter: [""],
    gauge: [""],
    histogram: ["_bucket", "_sum", "_count"],
    summary: ["", "_sum", "_count"],
  },
  openmetrics: {
    counter: ["_total"],
    gauge: [""],
    unknown: [""],
    histogram: ["_bucket", "_sum", "_count"],
    summary: ["", "_sum", "_count"],
  },
};

/**
 * Reads a whole scrape.
 *
 * @throws {Error} at the first thing that is not as the format wants it, with the line.
 */
export function parseExposition(text: string, format: Format = "prometheus"): Map<string, Family> {
  const families = new Map<string, Family>();
  const series = new Set<string>();
  let help: { name: string; text: string } | undefined;
  let family: Family | undefined;
  for (const line of bodyLines(text, format)) {
    const [, kind, name = "", rest = ""] = line.match(/^# (HELP|TYPE) ([^ ]+) (.*)$/s) ?? [];
    if (kind === "HELP") {
      help = { name, text: unescape(rest, line, format === "openmetrics" ? '\\n"' : "\\n") };
    } else if (kind === "TYPE") {
      check(help?.name === name, "a TYPE without its HELP before it", line);
      check(!families.has(name), "a second metric of this name", line);
      check(/^[a-zA-Z_:][\w:]*$/.test(name), "not a name", line);
      check(rest in suffixes[format], "not a type of this format", line);
      family = { name, help: help.text, type: rest, samples: [] };
      families.set(name, family);
    } else {
      const sample = parseSample(line);
      const known = family;
      check(
        known !== undefined &&
          suffixes[format][known.type]!.some((suffix) => known.name + suffix === sample.name),
        "a sample outside its metric",
        line,
      );
      const key = seriesKey(sample.name, sample.labels);
      check(!series.has(key), "a series that was there already", line);
      series.add(key);
      known.samples.push(sample);
    }
  }
  for (const checked of families.values()) checkFamily(checked, format);
  return families;
}

/** The value of one series, whatever metric it belongs to; `undefined` where there is none. */
export function valueOf(
  families: Map<string, Family>,
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const key = seriesKey(name, labels);
  return [...families.values()].flatMap((family) => family.samples)
    .find((sample) => seriesKey(sample.name, sample.labels) === key)?.value;
}

function bodyLines(text: string, format: Format): string[] {
  check(text.endsWith("\n"), "no line feed at the end", text.slice(-80));
  const lines = text.slice(0, -1).split("\n");
  if (format === "prometheus") return lines.filter((line) => line !== "");
  check(lines.pop() === "# EOF", "no # EOF at the end", text.slice(-80));
  return lines;
}

function parseSample(line: string): Sample {
  const match = line.match(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)$/s);
  check(match !== null, "not a sample", line);
  const [, name = "", labelText = "", number = ""] = match;
  check(/^([+-]?\d+(\.\d+)?(e[+-]?\d+)?|[+-]Inf|NaN)$/i.test(number), "not a number", line);
  return {
    name,
    labels: parseLabels(labelText, line),
    value: Number(number.replace("Inf", "Infinity")),
  };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(,|$)/sy;
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    check(match !== null, "not a label", line);
    const [, name = "", value = "", comma] = match;
    check(!Object.hasOwn(labels, name), "a label twice", line);
    check((comma === ",") === (pair.lastIndex < text.length), "a comma too many", line);
    labels[name] = unescape(value, line, '\\n"');
  }
  return labels;
}

function unescape(text: string, line: string, escapes: string): string {
  if (escapes.includes('"')) {
    check(!/(^|[^\\])(\\\\)*"/.test(text), "a quote that is not escaped", line);
  }
  return text.replace(/\\(.?)/gs, (_, char: string) => {
    check(char !== "" && escapes.includes(char), "an unknown escape", line);
    return char === "n" ? "\n" : char;
  });
}

function checkFamily(family: Family, format: Format): void {
  if (family.type === "histogram") checkHistogram(family);
  for (const { name, labels, value } of family.samples) {
    if (family.type === "counter") check(value >= 0, "a counter below zero", name);
    if (format === "prometheus") continue;
    const bound = labels["le"] ?? labels["quantile"];
    if ((family.type === "histogram" || family.type === "summary") && bound !== undefined) {
      check(/^(-?\d+\.\d+|-?\d(\.\d+)?e[+-]\d\d+|\+Inf)$/.test(bound), "not canonical", bound);
    }
  }
}

/** Buckets in order and cumulated, the last one `+Inf` and equal to the count. */
function checkHistogram({ name, samples }: Family): void {
  const groups = new Map<
    string,
    { bounds: number[]; counts: number[]; sum?: number; count?: number }
  >();
  for (const sample of samples) {
    const { le, ...labels } = sample.labels;
    const key = seriesKey(name, labels);
    const group = groups.get(key) ?? { bounds: [], counts: [] };
    groups.set(key, group);
    if (sample.name === `${name}_bucket`) {
      check(le !== undefined, "a bucket without a bound", key);
      group.bounds.push(Number(le.replace("Inf", "Infinity")));
      group.counts.push(sample.value);
    } else if (sample.name === `${name}_sum`) group.sum = sample.value;
    else group.count = sample.value;
  }
  for (const [key, { bounds, counts, sum, count }] of groups) {
    check(
      bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!),
      "bounds not in order",
      key,
    );
    check(counts.every((n, i) => i === 0 || n >= counts[i - 1]!), "buckets not cumulated", key);
    check(bounds.at(-1) === Infinity, "no +Inf", key);
    check(count === counts.at(-1), "the count is not that of the last bucket", key);
    check(sum !== undefined, "no sum", key);
  }
}

function seriesKey(name: string, labels: Record<string, string>): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1)]);
}

function check(ok: boolean, what: string, where: string): asserts ok {
  if (!ok) throw new Error(`${what}: ${where}`);
}
