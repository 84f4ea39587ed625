import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

interface Registry {
  getMetricsAsJSON(): Promise<unknown[]>;
}

/**
 * What the handler registered in `prom-client`'s default registry.
 *
 * The handler has its own copy of prom-client, wherever its `node_modules` is. It is found among
 * the loaded modules, so nothing is loaded for a handler that does not use it. Numbers that JSON
 * cannot carry (`NaN`, `Infinity`) become strings.
 */
export async function handlerMetrics(): Promise<unknown[]> {
  const { cache } = createRequire(join(process.cwd(), "handler.js"));
  const metrics: unknown[] = [];
  for (const [path, loaded] of Object.entries(cache)) {
    if (!/prom-client.*[\\/]index\.js$/.test(path)) continue;
    const { register } = (loaded?.exports ?? {}) as { register?: Registry };
    if (typeof register?.getMetricsAsJSON !== "function") continue;
    metrics.push(...await register.getMetricsAsJSON());
  }
  return JSON.parse(JSON.stringify(metrics, finiteOrText)) as unknown[];
}

function finiteOrText(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
