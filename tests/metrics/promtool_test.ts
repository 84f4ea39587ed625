import { describe, test, type TestContext } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import type { Family } from "../../src/metrics/family.ts";
import { collected } from "./collected.ts";
import { exposed, metricsInput } from "./input.ts";
import { lint, promtoolMissing, readOpenMetrics } from "./promtool.ts";

/** Neither runtime prints a reason that is given to `skip`. */
function skipped(t: TestContext): boolean {
  if (promtoolMissing === undefined) return false;
  t.diagnostic(promtoolMissing);
  t.skip(promtoolMissing);
  return true;
}

async function custom(): Promise<Family[]> {
  const registers = [new Registry()];
  const labelNames = ["text"];
  const text = 'quote " backslash \\ line\nfeed \r {},= #';
  const counter = new Counter({ name: "jobs_total", help: `Jobs: ${text}`, labelNames, registers });
  counter.inc({ text }, 2);
  counter.inc({ text: "" }, 1e21);
  new Gauge({ name: "depth", help: "Depth.", registers }).set(-1.5e-9);
  new Histogram({ name: "work_seconds", help: "Work.", buckets: [1e-6, 1, 1e9], registers })
    .observe(3);
  new Summary({ name: "wait_seconds", help: "Wait.", percentiles: [0, 0.5, 1], registers })
    .observe(2);
  return await collected(await registers[0]!.getMetricsAsJSON());
}

describe("promtool", () => {
  test("has nothing against Hurricane's metrics", async (t) => {
    if (skipped(t)) return;
    assertEquals(lint((await exposed(metricsInput(), undefined)).body), "");
  });

  test("has nothing against them before anything has happened, or with the handler's", async (t) => {
    if (skipped(t)) return;
    const empty = metricsInput({ startupSeconds: undefined, probeHealthy: {}, commandSeconds: [] });
    assertEquals(lint((await exposed(empty, undefined)).body), "");
    const full = metricsInput({ custom: [await custom(), await custom()] });
    assertEquals(lint((await exposed(full, undefined)).body), "");
  });

  test("reads the OpenMetrics", async (t) => {
    if (skipped(t)) return;
    const accept = "application/openmetrics-text";
    const full = metricsInput({ custom: [await custom(), await custom()] });
    assertEquals(readOpenMetrics((await exposed(metricsInput(), accept)).body), "");
    assertEquals(readOpenMetrics((await exposed(full, accept)).body), "");
  });

  test("would have said so", async (t) => {
    if (skipped(t)) return;
    const text = (await exposed(metricsInput(), undefined)).body;
    assertStringIncludes(lint(text.replaceAll("_deliveries_total", "_deliveries")), "_total");
    const openMetrics = (await exposed(metricsInput(), "application/openmetrics-text")).body;
    assertStringIncludes(readOpenMetrics(openMetrics.replace("# EOF\n", "")), "EOF");
  });
});
