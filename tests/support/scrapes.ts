import { parseExposition, type Sample, valueOf } from "./prometheus.ts";

/** What gives the exposition, as the probe server does. */
type Scrape = () => Promise<{ text: string }>;

/** Scrapes again and again, as Prometheus does, and notes each counter that does not only rise. */
export class Scrapes implements AsyncDisposable {
  /** What went down or away, from one scrape to the next. */
  readonly falls: string[] = [];
  /** How many scrapes there were. */
  count = 0;
  readonly #scrape: Scrape;
  readonly #done: Promise<void>;
  #stopping = false;

  constructor(scrape: Scrape) {
    this.#scrape = scrape;
    this.#done = this.#run();
  }

  /** Ends with a last scrape. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #run(): Promise<void> {
    let before = new Map<string, number>();
    for (let last = false; !last;) {
      last = this.#stopping;
      const now = counters((await this.#scrape()).text);
      for (const [series, value] of before) {
        const next = now.get(series);
        if (next === undefined || next < value) {
          this.falls.push(`${series}: ${value}, then ${next ?? "nothing"}`);
        }
      }
      before = now;
      this.count++;
    }
  }
}

/** The value of one series now; `NaN` where there is none. */
export async function scraped(
  scrape: Scrape,
  name: string,
  labels: Record<string, string> = {},
): Promise<number> {
  return valueOf(parseExposition((await scrape()).text), name, labels) ?? NaN;
}

/** Everything that may only rise. */
function counters(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const { type, samples } of parseExposition(text).values()) {
    if (type === "gauge") continue;
    for (const sample of samples) {
      if (!("quantile" in sample.labels)) found.set(seriesOf(sample), sample.value);
    }
  }
  return found;
}

function seriesOf({ name, labels }: Sample): string {
  return `${name}${JSON.stringify(labels)}`;
}
