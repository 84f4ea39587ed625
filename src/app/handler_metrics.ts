import { createRequire } from "node:module";
import { bounded } from "../bounded.ts";
import { describe } from "../errors.ts";
import { mostSamples } from "../metrics/limits.ts";
import type { MetricPart } from "../metrics/part.ts";
import { performance, Promise, setImmediate } from "../natives.ts";
import { expired, within } from "../within.ts";
import { type Labels, partsOf } from "./metric_parts.ts";

/** A metric that could not be read, and why. */
export interface MissingMetric {
  name: string;
  reason: string;
}

/** Takes some samples of a metric. */
export type TakePart = (part: MetricPart) => Promise<void> | void;

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
  // Not the entries: to ask for each of a thousand modules would hold the handler's event loop up.
  return Reflect.ownKeys(cache)
    .filter((path) => typeof path === "string" && /prom-client.*[\\/]index\.js$/.test(path))
    .map((path) => (cache[path as string]?.exports ?? {}) as PromClient);
}

function nameOf({ name }: Metric): string {
  return typeof name === "string" ? name : "one without a name";
}
