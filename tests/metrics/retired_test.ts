import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import type { Family } from "../../src/metrics/family.ts";
import { retireMetrics } from "../../src/metrics/retired.ts";
import { valueOf } from "../support/prometheus.ts";
import { collected } from "./collected.ts";
import { scrape } from "./input.ts";

/** What a worker's `prom-client` gives after `n` jobs. */
async function worker(n: number, buckets = [1, 2]): Promise<Family[]> {
  const registers = [new Registry()];
  new Counter({ name: "jobs_total", help: "Jobs.", labelNames: ["kind"], registers })
    .inc({ kind: "mail" }, n);
  new Counter({ name: "most_total", help: "Most.", aggregator: "max", registers }).inc(n);
  new Gauge({ name: "depth", help: "Depth.", registers }).set(n);
  const histogram = new Histogram({ name: "work_seconds", help: "Work.", buckets, registers });
  for (let job = 0; job < n; job++) histogram.observe(1.5);
  new Summary({ name: "wait_seconds", help: "Wait.", registers }).observe(n);
  return await collected(await registers[0]!.getMetricsAsJSON());
}

async function values(custom: Family[][]): Promise<Record<string, number | undefined>> {
  const families = await scrape({ custom });
  return {
    jobs: valueOf(families, "jobs_total", { kind: "mail" }),
    most: valueOf(families, "most_total"),
    depth: valueOf(families, "depth"),
    count: valueOf(families, "work_seconds_count"),
    upTo1: valueOf(families, "work_seconds_bucket", { le: "1" }),
    upTo2: valueOf(families, "work_seconds_bucket", { le: "2" }),
    waits: valueOf(families, "wait_seconds_count"),
    median: valueOf(families, "wait_seconds", { quantile: "0.5" }),
  };
}

describe("retireMetrics", () => {
  test("keeps totals, and nothing that goes with its worker", async () => {
    let retired = await retireMetrics([], await worker(3));
    retired = await retireMetrics(retired, await worker(4));
    assertEquals(await values([await worker(2), retired]), {
      jobs: 9,
      most: 2,
      depth: 2,
      count: 9,
      upTo1: 0,
      upTo2: 9,
      waits: 3,
      median: 2,
    });
  });

  test("does not grow with the number of workers that are gone", async () => {
    const once = await retireMetrics([], await worker(1));
    let often = once;
    for (let n = 0; n < 20; n++) often = await retireMetrics(often, await worker(1));
    const size = (metrics: Family[]) => metrics.reduce((sum, { samples }) => sum + samples.size, 0);
    assertEquals(size(often), size(once));
    assertEquals((await values([often]))["jobs"], 21);
  });

  test("keeps the newest shape of a metric", async () => {
    const old = await retireMetrics([], await worker(3, [1]));
    const { count, upTo1, upTo2 } = await values([await retireMetrics(old, await worker(2))]);
    assertEquals([count, upTo1, upTo2], [2, 0, 2]);
  });
});
