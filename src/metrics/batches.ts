/**
 * Metrics of several processes in batches that take a few milliseconds each, whatever there is of them:
 * whoever adds them up or writes them out must not hold the probes up.
 *
 * @module
 */
import { Turns } from "../turns.ts";
import type { PromMetric, PromSample } from "./custom.ts";

/** About how many samples are in a batch. */
const samplesAtOnce = 1000;

/** Some metrics of all processes, or some of the series of one, with the samples of all processes. */
export interface Batch {
  /** A list for each process. */
  sets: PromMetric[][];
  /** Does it go on with the metric of the one before? */
  goesOn: boolean;
  /** Is all of it one process's own, and nothing added up? */
  single: boolean;
}

/**
 * Cuts lists of metrics, one for each process, into batches. Between two of them the event loop turns,
 * where the first has taken its time.
 */
export async function* batches(sets: readonly PromMetric[][]): AsyncGenerator<Batch> {
  const turns = new Turns();
  let small = new Gathered();
  for (const parts of byName(sets).values()) {
    const samples = parts.reduce((sum, { metric }) => sum + metric.values.length, 0);
    if (samples <= samplesAtOnce) {
      small.add(parts, samples);
      if (small.samples < samplesAtOnce) continue;
      yield small.batch;
      small = new Gathered();
      await turns.pass();
      continue;
    }
    let goesOn = false;
    for (const group of await groups(parts, Math.ceil(samples / samplesAtOnce), turns)) {
      if (group.every(({ metric }) => metric.values.length === 0)) continue;
      const one = new Gathered();
      one.add(group, 0);
      yield { ...one.batch, goesOn, single: parts.length === 1 };
      goesOn = true;
      await turns.pass();
    }
  }
  if (small.batch.sets.length > 0) yield small.batch;
}

/** What one process has of a metric. */
interface Part {
  process: number;
  metric: PromMetric;
}

function byName(sets: readonly PromMetric[][]): Map<string, Part[]> {
  const found = new Map<string, Part[]>();
  for (const [process, metrics] of sets.entries()) {
    for (const metric of metrics) {
      const parts = found.get(metric.name);
      if (parts === undefined) found.set(metric.name, [{ process, metric }]);
      else parts.push({ process, metric });
    }
  }
  return found;
}

/** Metrics that are put into one batch. */
class Gathered {
  readonly #sets = new Map<number, PromMetric[]>();
  samples = 0;

  add(parts: readonly Part[], samples: number): void {
    this.samples += samples;
    for (const { process, metric } of parts) {
      const set = this.#sets.get(process);
      if (set === undefined) this.#sets.set(process, [metric]);
      else set.push(metric);
    }
  }

  get batch(): Batch {
    const inOrder = [...this.#sets].sort(([a], [b]) => a - b);
    return { sets: inOrder.map(([, set]) => set), goesOn: false, single: false };
  }
}

/**
 * A metric's samples in so many groups: those of one series are in the same one, whichever process they are
 * of, and so are all buckets of a histogram.
 */
async function groups(parts: readonly Part[], count: number, turns: Turns): Promise<Part[][]> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return slices(only);
  const found: Part[][] = Array.from({ length: count }, () => []);
  for (const { process, metric } of parts) {
    const values: PromSample[][] = Array.from({ length: count }, () => []);
    for (const [index, sample] of metric.values.entries()) {
      values[hash(sample.labels) % count]!.push(sample);
      if (index % samplesAtOnce === 0) await turns.pass();
    }
    for (const [group, some] of values.entries()) {
      found[group]!.push({ process, metric: { ...metric, values: some } });
    }
  }
  return found;
}

/** Those of one process alone, in their order. */
function slices({ process, metric }: Part): Part[][] {
  const { values } = metric;
  const found: Part[][] = [];
  for (let from = 0; from < values.length; from += samplesAtOnce) {
    const some = values.slice(from, from + samplesAtOnce);
    found.push([{ process, metric: { ...metric, values: some } }]);
  }
  return found;
}

/** The same for the same labels in any order, without those that tell a series' own samples apart. */
function hash(labels: PromSample["labels"]): number {
  let sum = 0;
  for (const [name, value] of Object.entries(labels)) {
    if (name !== "le" && name !== "quantile") sum = (sum + hashOf(`${name}\0${value}`)) >>> 0;
  }
  return sum;
}

/** FNV-1a of 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
