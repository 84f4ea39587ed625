import { afterEach, beforeEach, describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { withoutClashes } from "../../src/metrics/clashes.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { collected } from "./collected.ts";

function gauge(name: string, ...samples: Array<{ value: unknown; labels?: unknown }>) {
  const values = samples.length === 0 ? [{ value: 1, labels: {} }] : samples;
  return { name, help: "Help.", type: "gauge", aggregator: "sum", values };
}

/** A histogram with a bucket up to a bound, and one above it. */
function histogram(bound: string) {
  const bucket = (le: string) => ({ metricName: "work_seconds_bucket", labels: { le }, value: 1 });
  const values = [
    ...[bound, "+Inf"].map(bucket),
    { metricName: "work_seconds_sum", labels: {}, value: 1 },
    { metricName: "work_seconds_count", labels: {}, value: 1 },
  ];
  return { ...gauge("work_seconds"), type: "histogram", values };
}

let log: CapturedLog;

beforeEach(() => {
  log = new CapturedLog();
});
afterEach(() => log[Symbol.dispose]());

describe("withoutClashes", () => {
  async function kept(...custom: unknown[][]): Promise<string[][]> {
    const own = await collected([
      gauge("up"),
      { ...gauge("request_seconds"), type: "histogram", values: [] },
    ]);
    const sets = await Promise.all(custom.map(collected));
    return withoutClashes(own, sets).map((metrics) => metrics.map(({ name }) => name));
  }

  test("other names stay, in every worker", async () => {
    assertEquals(await kept([gauge("a"), gauge("b")], [gauge("b"), gauge("a")]), [["a", "b"], [
      "b",
      "a",
    ]]);
  });

  test("Hurricane's names are taken, also those of samples", async () => {
    assertEquals(
      await kept([
        gauge("up"),
        gauge("request_seconds"),
        gauge("request_seconds_bucket"),
        gauge("a"),
      ]),
      [["a"]],
    );
    const summary = { ...gauge("request"), type: "summary" };
    assertEquals(await kept([{ ...summary, name: "request_seconds" }, summary]), [["request"]]);
  });

  test("the name of another metric's sample is taken", async () => {
    assertEquals(await kept([histogram("1"), gauge("work_seconds_sum")]), [["work_seconds"]]);
    assertEquals(await kept([gauge("work_seconds_sum")], [histogram("1")]), [
      ["work_seconds_sum"],
      [],
    ]);
  });

  test("a worker with another type or other buckets is left out of that metric", async () => {
    const counter = { ...gauge("depth"), type: "counter" };
    assertEquals(await kept([gauge("depth")], [counter, gauge("a")]), [["depth"], ["a"]]);
    assertEquals(await kept([histogram("1")], [histogram("2")], [histogram("1")]), [
      ["work_seconds"],
      [],
      ["work_seconds"],
    ]);
  });

  test("a gauge may have whatever labels, also one called le", async () => {
    assertEquals(
      await kept([gauge("a", { value: 1, labels: { le: "1" } })], [
        gauge("a", { value: 1, labels: { le: "2" } }),
      ]),
      [["a"], ["a"]],
    );
  });

  test("tells of it once, but not of process metrics", async () => {
    const process = gauge("process_open_fds");
    for (let n = 0; n < 2; n++) {
      withoutClashes(await collected([gauge("clash"), process]), [
        await collected([gauge("clash"), process]),
      ]);
    }
    assertEquals(log.records.map((record) => record.properties["name"]), ["clash"]);
    assertStringIncludes(String(log.records[0]?.properties["reason"]), "Hurricane");
  });
});
