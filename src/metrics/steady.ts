/** What rounding may take from a sum, as a part of it, with room to spare. */
const rounding = 1e-9;

/** A metric as `prom-client` aggregates it. */
interface Metric {
  name: string;
  /** As text, whatever `prom-client`'s types say. */
  type: unknown;
  values: Sample[];
}

interface Sample {
  value: number;
  labels: Readonly<Record<string, string | number | undefined>>;
  metricName?: string;
}

/** What is shown once, on its way. */
export interface Steadying {
  /** Puts what was shown last in the place of what is lower by a rounding error. */
  keep(metrics: readonly Metric[]): void;
  end(): void;
}

/**
 * Keeps counters from going down by a rounding error.
 *
 * A sum of fractions depends on the order in which they are added, and that changes when a worker is
 * replaced. Prometheus takes the least fall for a restart from 0, and shows a rate that never was.
 */
export class SteadySums {
  #shown = new Map<string, number>();

  /** Begins what is shown next: all of its metrics are kept, some at once or all, before it ends. */
  begin(): Steadying {
    const shown = new Map<string, number>();
    return {
      keep: (metrics) => this.#keep(metrics, shown),
      end: () => void (this.#shown = shown),
    };
  }

  #keep(metrics: readonly Metric[], shown: Map<string, number>): void {
    for (const { name, type, values } of metrics) {
      if (type === "gauge") continue;
      for (const sample of values) {
        const series = seriesOf(name, sample);
        const last = this.#shown.get(series) ?? 0;
        const fall = last - sample.value;
        if (fall > 0 && fall <= last * rounding) sample.value = last;
        shown.set(series, sample.value);
      }
    }
  }
}

function seriesOf(name: string, { labels, metricName }: Sample): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1);
  return JSON.stringify([metricName ?? name, pairs]);
}
