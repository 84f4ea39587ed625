import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { JSON, performance, Promise, setImmediate } from "../natives.ts";

/**
 * What the handler registered in `prom-client`'s default registry.
 *
 * The handler has its own copy of prom-client, wherever its `node_modules` is. It is found among
 * the loaded modules, so nothing is loaded for a handler that does not use it. Numbers that JSON
 * cannot carry (`NaN`, `Infinity`) become strings.
 *
 * @param promClient loads it, in a program that is bundled
 */
export async function handlerMetrics(promClient?: () => Promise<unknown>): Promise<unknown[]> {
  const clients = promClient ? [await promClient() as PromClient] : loaded();
  // A module that passes prom-client on has the same registry.
  const registries = new Set(clients.map(({ register }) => register));
  const metrics: unknown[] = [];
  for (const registry of registries) {
    if (typeof registry?.getMetricsAsJSON !== "function") continue;
    let began = performance.now();
    for (const metric of await registry.getMetricsAsJSON()) {
      metrics.push(JSON.parse(JSON.stringify(metric, finiteOrText)));
      // With many series this takes its time, and requests and signs of life do not wait for it.
      if (performance.now() - began < longestTurn) continue;
      await new Promise((resolve) => setImmediate(resolve));
      began = performance.now();
    }
  }
  return metrics;
}

/** For how long metrics are copied without a pause, in milliseconds. */
const longestTurn = 20;

interface PromClient {
  register?: { getMetricsAsJSON(): Promise<unknown[]> };
}

function loaded(): PromClient[] {
  const { cache } = createRequire(join(process.cwd(), "handler.js"));
  return Object.entries(cache)
    .filter(([path]) => /prom-client.*[\\/]index\.js$/.test(path))
    .map(([, module]) => (module?.exports ?? {}) as PromClient);
}

function finiteOrText(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
