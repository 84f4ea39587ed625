import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { JSON } from "../natives.ts";

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
    metrics.push(...await registry.getMetricsAsJSON());
  }
  return JSON.parse(JSON.stringify(metrics, finiteOrText)) as unknown[];
}

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
