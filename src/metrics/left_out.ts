import { logger } from "../log.ts";

const log = logger("metrics");

const warned = new Set<string>();

/**
 * Warns of a metric that is not shown, the first time: a scrape comes every few seconds, and the names are
 * the handler's. Neither may flood the log.
 */
export function leftOut(name: string, reason: string): void {
  if (warned.has(name) || warned.size >= 100) return;
  warned.add(name);
  log.warn("left out of the handler's metrics: {name}: {reason}", { name, reason });
}
