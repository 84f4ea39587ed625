import { afterEach, describe, test } from "node:test";
import { assertEquals, assertFalse } from "@std/assert";
import { cpSync, realpathSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Counter, Gauge, register, Registry } from "prom-client";
import { handlerMetrics } from "../../src/app/handler_metrics.ts";
import { TempDir } from "../support/temp_dir.ts";

const packages = fileURLToPath(new URL("../../node_modules/", import.meta.url));

async function names(): Promise<unknown[]> {
  return (await handlerMetrics()).map((metric) => (metric as { name: unknown }).name);
}

afterEach(() => register.clear());

describe("handlerMetrics", () => {
  test("is nothing where nothing is registered", async () => {
    assertEquals(await handlerMetrics(), []);
  });

  test("gives what is in prom-client's default registry", async () => {
    new Counter({ name: "jobs_total", help: "Jobs." }).inc(3);
    assertEquals(await handlerMetrics(), [{
      name: "jobs_total",
      help: "Jobs.",
      type: "counter",
      aggregator: "sum",
      values: [{ value: 3, labels: {} }],
    }]);
  });

  test("turns numbers that JSON cannot carry into texts", async () => {
    const gauge = new Gauge({ name: "depth", help: "Depth.", labelNames: ["q"] });
    for (const value of [NaN, Infinity, -Infinity]) gauge.set({ q: String(value) }, value);
    const [{ values }] = await handlerMetrics() as [{ values: { value: unknown }[] }];
    assertEquals(values.map(({ value }) => value), ["NaN", "Infinity", "-Infinity"]);
  });

  test("asks the copy that a bundled program names, and no other", async () => {
    new Counter({ name: "jobs_total", help: "Jobs." });
    const registry = new Registry();
    new Counter({ name: "bundled_total", help: "Bundled.", registers: [registry] });
    const metrics = await handlerMetrics(() => Promise.resolve({ register: registry }));
    assertEquals(metrics.map((metric) => (metric as { name: unknown }).name), ["bundled_total"]);
    assertEquals(await handlerMetrics(() => Promise.resolve({})), []);
  });

  test("finds another copy as well: the handler's own", async () => {
    using dir = new TempDir();
    const installed = dirname(realpathSync(join(packages, "prom-client", "index.js")));
    cpSync(installed, join(dir.path, "node_modules", "prom-client"), { recursive: true });
    for (const needed of ["tdigest", "@opentelemetry"]) {
      const lies = realpathSync(join(installed, "..", needed));
      symlinkSync(lies, join(dir.path, "node_modules", needed));
    }
    const require = createRequire(join(dir.path, "handler.js"));
    const own = require("prom-client") as typeof import("prom-client");
    assertFalse(own.register === register);
    new Counter({ name: "here_total", help: "Here." });
    new own.Counter({ name: "there_total", help: "There." });
    try {
      assertEquals((await names()).sort(), ["here_total", "there_total"]);
    } finally {
      own.register.clear();
    }
  });
});
