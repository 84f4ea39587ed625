/**
 * Metrics of the handler's own that cannot be read, and more of them than anybody wants.
 *
 * @module
 */
import { describe, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { form, type Hurricane, serve } from "../support/hurricane.ts";
import { parseExposition } from "../support/prometheus.ts";

interface Row {
  /** What the handler does beside its counter, which counts its requests. */
  handler: string;
  /** What a scrape shows of these names: the value of the first sample, or how many there are. */
  shows?: Record<string, number | undefined>;
  samples?: Record<string, number>;
  /** What the log says of it: once, however often it is asked. */
  says?: RegExp;
}

const rows: Record<string, Row> = {
  "one that throws is missing alone": {
    handler: `new Gauge({ name: "odd", help: "O.", collect() { throw new Error("no odd"); } });`,
    shows: { odd: undefined, hurricane_metrics_errors_total: 3 },
    says: /metric odd cannot be read, and is missing: Error: no odd$/,
  },
  "one that hangs is missing alone, and no stop waits for it": {
    handler: `new Gauge({ name: "odd", help: "O.", collect: () => new Promise(() => {}) });`,
    shows: { odd: undefined, hurricane_metrics_errors_total: 3 },
    says: /metric odd cannot be read, and is missing: Error: its collect\(\) takes longer than/,
  },
  "one that gives what is no metric is missing alone": {
    handler: `register.registerMetric({ name: "odd", get: () => ({ values: 7n }) });`,
    shows: { odd: undefined, hurricane_metrics_errors_total: 3 },
    says: /metric odd cannot be read, and is missing: Error: it has no list of values$/,
  },
  // Prometheus refuses all of a scrape in which a series names itself twice.
  "one whose label is its name is missing alone": {
    handler: `new Gauge({ name: "odd", help: "O.", labelNames: ["__name__"] })
      .set({ __name__: "jobs_total" }, 1);`,
    shows: { odd: undefined },
    says: /left out of the handler's metrics: odd: .* at shapes\.0\.1$/,
  },
  "one that is taken out of the registry as it is read": {
    handler:
      `new Gauge({ name: "odd", help: "O.", collect() { register.removeSingleMetric("odd"); } });`,
    shows: { odd: undefined },
  },
  "one that reads the registry it is in is missing alone": {
    handler:
      `new Gauge({ name: "odd", help: "O.", async collect() { await register.metrics(); } });`,
    shows: { odd: undefined, hurricane_metrics_errors_total: 3 },
    says: /metric odd cannot be read, and is missing: RangeError: /,
  },
  "one whose help is 5 MB is missing alone": {
    handler: `new Gauge({ name: "odd", help: "h".repeat(5e6) });`,
    shows: { odd: undefined, hurricane_metrics_errors_total: 3 },
    says:
      /metric odd cannot be read, and is missing: Error: one of its samples has 50000\d\d characters$/,
  },
  "a working directory that is gone hides none": {
    handler: `const gone = mkdtempSync(join(tmpdir(), "hurricane-gone-"));
      process.chdir(gone);
      rmdirSync(gone);
      new Gauge({ name: "odd", help: "O." }).set(7);`,
    shows: { odd: 7, hurricane_metrics_errors_total: undefined },
  },
  "100,000 samples are shown": {
    handler: `const g = new Gauge({ name: "many", help: "M.", labelNames: ["n"] });
      for (let n = 0; n < 99_999; n++) g.set({ n }, n);`,
    samples: { many: 99_999 },
  },
  "a metric that makes more of them is missing, and the log says so": {
    handler: `const g = new Gauge({ name: "many", help: "M.", labelNames: ["n"] });
      for (let n = 0; n < 150_000; n++) g.set({ n }, n);`,
    shows: { many: undefined, hurricane_metrics_errors_total: 3 },
    says: /metric many .*has 150000 samples, and no more than 100000 of a process are shown$/,
  },
};

async function scraped(hurricane: Hurricane, seconds = 40) {
  const headers = { "X-Prometheus-Scrape-Timeout-Seconds": String(seconds) };
  const { status, text } = await hurricane.probe("/metrics", { headers });
  assertEquals(status, 200);
  return parseExposition(text);
}

describe(`the handler's own metrics (${form})`, () => {
  for (const [what, { handler, shows = {}, samples = {}, says }] of Object.entries(rows)) {
    test(what, async () => {
      await using hurricane = await serve(
        `import { mkdtempSync, rmdirSync } from "node:fs";
        import { createRequire } from "node:module";
        import { tmpdir } from "node:os";
        import { join } from "node:path";
        import process from "node:process";
        const { Counter, Gauge, register } = createRequire(import.meta.url)("prom-client");
        const jobs = new Counter({ name: "jobs_total", help: "J." });
        ${handler}
        export default { fetch() { jobs.inc(); return new Response("x"); } };`,
        { packages: ["prom-client"], name: "handler.js" },
      );
      // The first one waits for what hangs, which the others know.
      const hangs = what.includes("hangs");
      for (let times = 1; times <= 3; times++) {
        await hurricane.get();
        const found = await scraped(hurricane, hangs && times === 1 ? 0.5 : 40);
        assertEquals(found.get("jobs_total")?.samples[0]?.value, times);
        for (const [name, count] of Object.entries(samples)) {
          assertEquals([name, found.get(name)?.samples.length], [name, count]);
        }
        if (times < 3) continue;
        for (const [name, value] of Object.entries(shows)) {
          assertEquals([name, found.get(name)?.samples[0]?.value], [name, value]);
        }
      }
      assertEquals(await hurricane.stop(), 0);
      const lines = hurricane.log.items.map(({ message }) => message);
      assertEquals(lines.filter((line) => says?.test(line)).length, says === undefined ? 0 : 1);
      for (const line of lines) assertMatch(line, /^(?!.*(did not stop|killed))/);
    });
  }
});
