/**
 * What a scrape shows when all goes well: something to change in a test.
 *
 * @module
 */
import { exposition, type MetricsInput } from "../../src/metrics/exposition.ts";
import { RequestCounters } from "../../src/metrics/requests.ts";
import { type Family, type Format, parseExposition } from "../support/prometheus.ts";

/** A Hurricane that has served a few requests, with what the test wants different. */
export function metricsInput(changes: Partial<MetricsInput> = {}): MetricsInput {
  const counters = new RequestCounters();
  counters.record("GET", 200, 0.003);
  counters.record("GET", 200, 0.3);
  counters.record("BREW", 418, 12);
  counters.recordBodySize(0);
  counters.recordBodySize(2e7);
  counters.recordShed("inflight");
  return {
    requests: counters.snapshot(),
    activeRequests: 3,
    queue: { handler: 3, kernel: 2 },
    queueLimit: 10,
    startupSeconds: 0.412,
    commandSeconds: [{ command: "migrate.ts", seconds: 1.5 }],
    probeHealthy: { startup: true, readiness: false },
    checkHealthy: [{ probe: "readiness", check: "database", healthy: false }],
    webhooksPending: 2,
    webhookDeliveries: [
      { type: "startup", outcome: "delivered", count: 1 },
      { type: "readiness", outcome: "failed", count: 0 },
    ],
    metricsErrors: [{ metric: "pool_size", count: 4 }],
    workerRestarts: [{ reason: "crash", count: 2 }],
    eventLoopDelaySeconds: 0.001,
    version: "0.1.0",
    runtime: "bun 1.2.3",
    process: {
      cpuUserSeconds: 1.25,
      cpuSystemSeconds: 0.5,
      residentBytes: 1e8,
      virtualBytes: 2e8,
      startTimeSeconds: 1700000000.5,
      openFds: 20,
      maxFds: 1024,
    },
    custom: [],
    ...changes,
  };
}

/** The answer to a scrape as text. */
export async function exposed(
  ...given: Parameters<typeof exposition>
): Promise<{ contentType: string; body: string }> {
  const { contentType, body } = await exposition(...given);
  return { contentType, body: new TextDecoder().decode(body) };
}

/** What a scrape of that Hurricane reads, in one of the formats. */
export async function scrape(
  changes: Partial<MetricsInput> = {},
  format: Format = "prometheus",
): Promise<Map<string, Family>> {
  const accept = format === "openmetrics" ? "application/openmetrics-text" : "text/plain";
  return parseExposition((await exposed(metricsInput(changes), accept)).body, format);
}
