import { logger } from "../log.ts";
import { combine, type Family } from "./family.ts";
import { longestMetrics, mostSamples } from "./limits.ts";
import { readPart } from "./part.ts";
import { Samples } from "./samples.ts";

const log = logger("metrics");

/**
 * What one process gives of the handler's own metrics, part by part.
 *
 * It comes from the handler's process, which may send anything: what is not as it should be is left out, and
 * so is what comes after as many samples as are shown.
 */
export class CollectedMetrics {
  readonly #families = new Map<string, Family>();
  readonly #before: Map<string, Family>;
  #samples = 0;
  #size = 0;

  /** @param before what the process gave before, most of which will come again */
  constructor(before: readonly Family[] = []) {
    this.#before = new Map(before.map((family) => [family.name, family]));
  }

  /** Takes some samples of a metric: a `MetricPart`, if the handler's process is as it should be. */
  add(part: unknown): void {
    const read = readPart(part);
    if (read === undefined) return;
    const { series, values, bounds, size, ...head } = read;
    this.#size += size;
    if (this.#size > longestMetrics) {
      return warnOfMore(`after ${longestMetrics} characters of a process`);
    }
    // A name without samples has its place, too.
    this.#samples += Math.max(1, series.length);
    if (this.#samples > mostSamples) {
      return warnOfMore(`after ${mostSamples} samples of a process`);
    }
    let family = this.#families.get(head.name);
    if (family === undefined) {
      const samples = new Samples(this.#before.get(head.name)?.samples);
      family = { ...head, samples, bounds: new Set() };
      this.#families.set(head.name, family);
    }
    // One that is named like another one is another one all the same: the first has the name.
    if (family.type !== head.type) return;
    for (const bound of bounds) family.bounds.add(bound);
    const { samples, aggregator } = family;
    for (let index = 0; index < series.length; index++) {
      samples.add(series[index]!, values[index]!, combine[aggregator]);
    }
  }

  /** What has come so far. */
  get metrics(): Family[] {
    return [...this.#families.values()];
  }
}

let warned = false;

function warnOfMore(which: string): void {
  if (warned) return;
  warned = true;
  log.warn("left out of the handler's metrics: all {which}", { which });
}
