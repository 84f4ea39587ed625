import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { PatientExporter } from "../../../src/app/otel/patient_exporter.ts";
import { Seldom } from "../../../src/app/otel/seldom.ts";
import { CapturedLog } from "../../support/captured_log.ts";

/** An exporter whose collector is there or not, and the attempts that it saw. */
class Unsteady implements SpanExporter {
  attempts = 0;
  reachable = false;

  export(...[_spans, done]: Parameters<SpanExporter["export"]>): void {
    this.attempts++;
    done(
      this.reachable
        ? { code: ExportResultCode.SUCCESS }
        : { code: ExportResultCode.FAILED, error: new Error("nobody there") },
    );
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const spans = Array.from({ length: 3 }, () => ({}) as ReadableSpan);

describe("an exporter without a collector", () => {
  test("tries again after pauses that grow to a minute, and says once that and until when", () => {
    using log = new CapturedLog();
    const unsteady = new Unsteady();
    let now = 0;
    const exporter = new PatientExporter(unsteady, "http://collector", () => now);
    const tried: number[] = [];
    for (; now < 300_000; now += 1000) {
      const before = unsteady.attempts;
      exporter.export(spans, () => {});
      if (unsteady.attempts > before) tried.push(now / 1000);
    }
    assertEquals(tried, [0, 5, 15, 35, 75, 135, 195, 255]);
    assertEquals(log.levels, ["warn"]);
    assertStringIncludes(log.messages[0] ?? "", "http://collector");
    assertStringIncludes(log.messages[0] ?? "", "nobody there");

    unsteady.reachable = true;
    now += 60_000;
    for (let more = 0; more < 2; more++) exporter.export(spans, () => {});
    assertEquals(log.levels, ["warn", "info"]);
    assertEquals(log.records[1]?.properties["dropped"], 300 * spans.length);
    unsteady.reachable = false;
    exporter.export(spans, () => {});
    assertEquals(log.levels, ["warn", "info", "warn"]);
  });

  test("is asked for nothing more than it can do", async () => {
    const exporter = new PatientExporter(new Unsteady(), "http://collector");
    await exporter.forceFlush();
    await exporter.shutdown();
  });
});

describe("Seldom", () => {
  test("lets what differs by numbers alone pass once in a while", () => {
    let now = 0;
    const seldom = new Seldom(60, () => now);
    const allowed = (message: string): boolean => seldom.allows(message);
    assertEquals([allowed("dropped 3"), allowed("dropped 47"), allowed("other")], [
      true,
      false,
      true,
    ]);
    now = 59;
    assertEquals(allowed("dropped 5"), false);
    now = 60;
    assertEquals([allowed("dropped 5"), allowed("dropped 6")], [true, false]);
  });

  test("remembers no more than some", () => {
    const seldom = new Seldom(60, () => 0);
    for (let message = 0; message < 101; message++) seldom.allows("x".repeat(message));
    assertEquals(seldom.allows("x"), true);
  });
});
