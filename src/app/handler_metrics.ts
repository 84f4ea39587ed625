import { createRequire } from "node:module";
import { bounded } from "../bounded.ts";
import { describe } from "../errors.ts";
import { mostSamples } from "../metrics/limits.ts";
import { JSON, performance, Promise, setImmediate } from "../natives.ts";
import { expired, within } from "../within.ts";

/** A metric that could not be read, and why. */
export interface MissingMetric {
  name: string;
  reason: string;
}

/** Takes a part of a metric: as `registry.getMetricsAsJSON()` gives it, with some of its values, as JSON. */
export type TakePart = (metric: string) => Promise<void> | void;

/** How many samples are given at once, and how long that may be, in characters. */
const [samplesAtOnce, longestPart] = [500, 128 * 1024];

/** For how long metrics are copied without a pause, in milliseconds. */
const longestTurn = 20;

/**
 * What the handler registered in `prom-client`'s default registry, read metric by metric: one that throws
 * or hangs is missing alone.
 *
 * The handler has its own copy of prom-client, wherever its `node_modules` is. It is found among
 * the loaded modules, so nothing is loaded for a handler that does not use it.
 */
export class HandlerMetrics {
  readonly #promClient: (() => Promise<unknown>) | undefined;
  /** Those that are being read. One that has outlived its time is not read anew before it has settled. */
  readonly #running = new WeakMap<Metric, { values: Promise<unknown>; hangs: boolean }>();

  /** @param promClient loads it, in a program that is bundled */
  constructor(promClient?: () => Promise<unknown>) {
    this.#promClient = promClient;
  }

  /**
   * Reads all of them at once, each for up to `timeout` milliseconds, and gives them part by part. Never
   * rejects: what is missing is what it resolves with.
   */
  async read(timeout: number, take: TakePart): Promise<MissingMetric[]> {
    const end = performance.now() + timeout;
    const missing: MissingMetric[] = [];
    let left = mostSamples;
    let began = performance.now();
    const pause = async (): Promise<void> => {
      // With many samples this takes its time, and requests and signs of life do not wait for it.
      if (performance.now() - began < longestTurn) return;
      await new Promise((resolve) => setImmediate(resolve));
      began = performance.now();
    };
    const give = async ({ metric, defaults, values }: Begun): Promise<void> => {
      try {
        const { values: samples, ...head } = await this.#settled(metric, values, end, timeout);
        if (!Array.isArray(samples)) throw new Error("it has no list of values");
        if (samples.length > left) {
          throw new Error(
            `it has ${samples.length} samples, and no more than ${mostSamples} of a process are shown`,
          );
        }
        left -= samples.length;
        for (const part of partsOf(head, samples, defaults)) {
          if (performance.now() > end) {
            throw new Error(`all of them take longer to be read than ${Math.round(timeout)}ms`);
          }
          await take(part);
          await pause();
        }
      } catch (error) {
        const reason = bounded(describe(error), 1024);
        missing.push({ name: bounded(nameOf(metric), 256), reason });
      }
    };
    const begun = await this.#begin(missing);
    // What has to be waited for comes last, and then as it comes.
    await new Promise((resolve) => setImmediate(resolve));
    const waits = new Set(begun.filter(({ metric }) => this.#running.has(metric)));
    for (const one of begun) if (!waits.has(one)) await give(one);
    await Promise.all([...waits].map(give));
    return missing;
  }

  /** What a metric's own reading gives. Rejects where that throws, or hangs. */
  async #settled(
    metric: Metric,
    values: Promise<unknown>,
    end: number,
    timeout: number,
  ): Promise<{ values?: unknown }> {
    const patience = this.#running.get(metric)?.hangs ? 0 : Math.max(0, end - performance.now());
    const got = await within(patience, values);
    if (got !== expired) return Object(got) as { values?: unknown };
    const running = this.#running.get(metric);
    if (running !== undefined) running.hangs = true;
    throw new Error(`its collect() takes longer than ${Math.round(timeout)}ms`);
  }

  /** Begins to read all of them, if they can be found. */
  async #begin(missing: MissingMetric[]): Promise<Begun[]> {
    try {
      const registered = await this.#registered();
      return registered.map((one) => ({ ...one, values: this.#get(one.metric) }));
    } catch (error) {
      missing.push({ name: "all", reason: bounded(describe(error), 1024) });
      return [];
    }
  }

  async #registered(): Promise<Registered[]> {
    const clients = this.#promClient ? [await this.#promClient() as PromClient] : loaded();
    // A module that passes prom-client on has the same registry.
    const registries = new Set(clients.map(({ register }) => register));
    return [...registries].flatMap((registry) => {
      if (typeof registry?.getMetricsAsArray !== "function") return [];
      const defaults = registry._defaultLabels ?? {};
      return registry.getMetricsAsArray().map((metric) => ({ metric, defaults }));
    });
  }

  #get(metric: Metric): Promise<unknown> {
    const running = this.#running.get(metric);
    if (running !== undefined) return running.values;
    const values = (async () => await metric.get())();
    this.#running.set(metric, { values, hangs: false });
    const settled = (): void => void this.#running.delete(metric);
    values.then(settled, settled);
    return values;
  }
}

interface Registered {
  metric: Metric;
  /** The labels that its registry gives to all. */
  defaults: Labels;
}

/** One whose reading has begun. */
interface Begun extends Registered {
  values: Promise<unknown>;
}

type Labels = Readonly<Record<string, unknown>>;

interface Metric {
  readonly name?: unknown;
  get(): unknown;
}

interface PromClient {
  register?: { getMetricsAsArray?(): Metric[]; readonly _defaultLabels?: Labels };
}

function loaded(): PromClient[] {
  // There is one cache, whoever asks; the working directory may be gone.
  const { cache } = createRequire("/handler.js");
  return Object.entries(cache)
    .filter(([path]) => /prom-client.*[\\/]index\.js$/.test(path))
    .map(([, module]) => (module?.exports ?? {}) as PromClient);
}

function nameOf({ name }: Metric): string {
  return typeof name === "string" ? name : "one without a name";
}

/** A metric as JSON, some samples at once: in at least one part, so that it is known to be there. */
function* partsOf(head: object, samples: readonly unknown[], defaults: Labels): Generator<string> {
  let count = samplesAtOnce;
  for (let from = 0; from === 0 || from < samples.length;) {
    const values = samples.slice(from, from + count).map((sample) => withLabels(sample, defaults));
    const text = JSON.stringify({ ...head, values }, finiteOrText);
    if (text.length > longestPart) {
      if (count === 1) throw new Error(`one of its samples has ${text.length} characters`);
      count = Math.ceil(count / 8);
      continue;
    }
    yield text;
    from += count;
  }
}

/** A sample with the registry's default labels, as `prom-client` adds them. */
function withLabels(sample: unknown, defaults: Labels): unknown {
  const names = Object.keys(defaults);
  if (names.length === 0) return sample;
  const { labels, ...rest } = Object(sample) as { labels?: Labels };
  return {
    ...rest,
    labels: {
      ...labels,
      ...Object.fromEntries(names.map((name) => [name, labels?.[name] || defaults[name]])),
    },
  };
}

/** Numbers that JSON cannot carry (`NaN`, `Infinity`) become strings. */
function finiteOrText(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
