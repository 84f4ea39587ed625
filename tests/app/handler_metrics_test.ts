import { afterEach, describe, test } from "node:test";
import { assertEquals, assertFalse, assertGreater, assertMatch } from "@std/assert";
import { cpSync, realpathSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Counter, Gauge, Histogram, register, Registry } from "prom-client";
import { HandlerMetrics } from "../../src/app/handler_metrics.ts";
import type { MetricPart } from "../../src/metrics/part.ts";
import { pause } from "../support/wait.ts";
import { TempDir } from "../support/temp_dir.ts";

const packages = fileURLToPath(new URL("../../node_modules/", import.meta.url));

/** Reads once, with time enough. */
async function read(metrics = new HandlerMetrics(), timeout = 3_600_000) {
  const parts: MetricPart[] = [];
  const missing = await metrics.read(timeout, (part) => void parts.push(part));
  return { parts, missing, names: parts.map(({ name }) => name) };
}

afterEach(() => register.clear());

describe("HandlerMetrics", () => {
  test("is nothing where nothing is registered", async () => {
    assertEquals((await read()).parts, []);
  });

  test("gives what is in prom-client's default registry", async () => {
    new Counter({ name: "jobs_total", help: "Jobs." }).inc(3);
    assertEquals<unknown>((await read()).parts, [{
      name: "jobs_total",
      help: "Jobs.",
      type: "counter",
      aggregator: "sum",
      shapes: [["jobs_total"]],
      rows: [0, 3],
    }]);
  });

  test("leaves out numbers that are none", async () => {
    const gauge = new Gauge({ name: "depth", help: "Depth.", labelNames: ["q"] });
    for (const value of [NaN, 7, Infinity, -Infinity]) gauge.set({ q: String(value) }, value);
    assertEquals((await read()).parts.map(({ rows }) => rows), [[0, 7, "7"]]);
  });

  test("tells what samples are called once, however many there are", async () => {
    const labelNames = ["b", "a"];
    new Histogram({ name: "h", help: "H.", labelNames, buckets: [1] }).observe({ b: "x" }, 0.5);
    const counter = new Counter({ name: "c_total", help: "C.", labelNames });
    counter.inc({ b: "x", a: "y" });
    counter.inc({ a: 1, b: true as never }, 2);
    counter.inc({ a: undefined as never, b: "z" }, 3);
    const [histogram, count] = (await read()).parts;
    assertEquals(histogram?.shapes, [["h_bucket", "b", "le"], ["h_sum", "b"], ["h_count", "b"]]);
    assertEquals(histogram?.rows, [
      ...[0, 1, "x", "1"],
      ...[0, 1, "x", "+Inf"],
      ...[1, 0.5, "x"],
      ...[2, 1, "x"],
    ]);
    assertEquals(count?.shapes, [
      ["c_total", "a", "b"],
      ["c_total", "a", "b"],
      ["c_total", "b"],
    ]);
    assertEquals(count?.rows, [...[0, 1, "y", "x"], ...[1, 2, "1", "true"], ...[2, 3, "z"]]);
  });

  test("asks the copy that a bundled program names, and no other", async () => {
    new Counter({ name: "jobs_total", help: "Jobs." });
    const registry = new Registry();
    new Counter({ name: "bundled_total", help: "Bundled.", registers: [registry] });
    const bundled = new HandlerMetrics(() => Promise.resolve({ register: registry }));
    assertEquals((await read(bundled)).names, ["bundled_total"]);
    assertEquals((await read(new HandlerMetrics(() => Promise.resolve({})))).parts, []);
  });

  test("leaves out what throws or hangs, and nothing else", async () => {
    const throws = (): never => {
      throw new RangeError("no database");
    };
    const hangs = Promise.withResolvers<void>();
    let calls = 0;
    const collect = { throws, hangs: () => (calls++, hangs.promise), works() {} };
    for (const [name, function_] of Object.entries(collect)) {
      new Gauge({ name, help: "It.", collect: function_ }).set(1);
    }
    register.registerMetric({ name: "odd", get: () => ({ values: [{ value: 1n }] }) } as never);
    const metrics = new HandlerMetrics();
    const { names, missing } = await read(metrics, 1000);
    assertEquals(names, ["works"]);
    assertEquals(missing.map(({ name }) => name), ["throws", "odd", "hangs"]);
    assertEquals([missing[0]?.reason, missing[2]?.reason], [
      "RangeError: no database",
      "Error: its collect() takes longer than 1000ms",
    ]);
    // It is not called once more, and nobody waits for it.
    assertEquals((await read(metrics)).names, ["works"]);
    assertEquals(calls, 1);
    hangs.resolve();
    await pause(0);
    assertEquals((await read(metrics)).names, ["hangs", "works"]);
    assertEquals(calls, 2);
  });

  test("gives what settles while another one hangs, and nothing when time is up", async () => {
    const [hangs, settles] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    new Gauge({ name: "hangs", help: "H.", collect: () => hangs.promise }).set(1);
    new Gauge({ name: "settles", help: "S.", collect: () => settles.promise }).set(1);
    const metrics = new HandlerMetrics();
    const given: string[] = [];
    const reading = metrics.read(3_600_000, (part) => {
      given.push(part.name);
      hangs.resolve();
    });
    await pause(0);
    settles.resolve();
    assertEquals([await reading, given], [[], ["settles", "hangs"]]);
    const { names, missing } = await read(metrics, -1);
    assertEquals(names, []);
    assertEquals(missing.map(({ name }) => name), ["hangs", "settles"]);
  });

  test("adds the registry's default labels, as prom-client does", async () => {
    const registry = new Registry();
    registry.setDefaultLabels({ app: "web", kind: "any" });
    const registers = [registry];
    const counter = new Counter({ name: "a_total", help: "A.", labelNames: ["kind"], registers });
    counter.inc({ kind: "mail" });
    counter.inc();
    const { parts } = await read(new HandlerMetrics(() => Promise.resolve({ register: registry })));
    assertEquals(parts.map(({ shapes, rows }) => [shapes, rows]), [[
      [["a_total", "app", "kind"], ["a_total", "app", "kind"]],
      [0, 1, "web", "mail", 1, 1, "web", "any"],
    ]]);
  });

  test("gives many samples in parts, and refuses more than are shown", async () => {
    const gauge = new Gauge({ name: "depth", help: "Depth.", labelNames: ["q"] });
    for (let n = 0; n < 1234; n++) gauge.set({ q: n === 700 ? "x".repeat(100_000) : n }, n);
    const values = Array.from({ length: 100_000 }, () => ({ value: 1, labels: {} }));
    register.registerMetric({ name: "many", get: () => ({ name: "many", values }) } as never);
    new Gauge({ name: "long", help: "Long.", labelNames: ["q"] }).set({ q: "x".repeat(2e5) }, 1);
    new Counter({ name: "last_total", help: "Last." });
    const { parts, missing } = await read();
    const depths = parts.filter(({ name }) => name === "depth");
    assertEquals(depths.flatMap(({ rows }) => rows.filter((_, index) => index % 3 === 1)), [
      ...Array(1234).keys(),
    ]);
    assertGreater(depths.length, 2);
    assertEquals(new Set(parts.map(({ name }) => name)), new Set(["depth", "last_total"]));
    assertEquals(missing.map(({ name }) => name), ["many", "long"]);
    assertMatch(missing[0]?.reason ?? "", /has 100000 samples, and no more than 100000 of/);
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
      assertEquals((await read()).names.sort(), ["here_total", "there_total"]);
    } finally {
      own.register.clear();
    }
  });
});
