import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { stringify } from "yaml";
import { promtoolMissing } from "../metrics/promtool.ts";
import { TempDir } from "../support/temp_dir.ts";
import { made } from "./made.ts";

/** Queues of pods by namespace and name. */
const queues: [string, string, number][] = [
  ["shop", "web-6d4b75cb6d-x2x7q", 3],
  ["shop", "web-6d4b75cb6d-9zk4c", 4],
  ["shop", "web-7f9c-zzzzz", 1],
  ["shop", "web-admin-6d4b75cb6d-x2x7q", 100],
  ["shop", "my-web-6d4b75cb6d-x2x7q", 1000],
  ["test", "web-6d4b75cb6d-x2x7q", 10_000],
];

/** What Prometheus makes of the queries of a manifest; nothing, or promtool's complaint. */
function complaint(args: string[], value: number): string {
  const { scaledObject } = made(["--autoscale", "1..10", ...args]);
  const factors = { handler: 1, kernel: 10 };
  const rules = {
    tests: [{
      interval: "15s",
      input_series: Object.entries(factors).flatMap(([part, factor]) =>
        queues.map(([namespace, pod, length]) => ({
          series:
            `hurricane_request_queue_length{part="${part}",namespace="${namespace}",pod="${pod}"}`,
          values: `${length * factor}`,
        }))
      ),
      promql_expr_test: Object.values(factors).map((factor, index) => ({
        expr: scaledObject?.spec.triggers[index]?.metadata.query,
        eval_time: "0s",
        exp_samples: [{ labels: "{}", value: value * factor }],
      })),
    }],
  };
  using folder = new TempDir();
  const file = folder.file("test.yaml", stringify(rules));
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], {
    encoding: "utf8",
  });
  return status === 0 ? "" : stdout + stderr;
}

test("the queries for both parts of the queue sum over the pods of the Deployment", (t) => {
  if (promtoolMissing !== undefined) {
    t.diagnostic(promtoolMissing);
    t.skip(promtoolMissing);
    return;
  }
  assertEquals(complaint(["--namespace", "shop"], 8), "");
  assertEquals(complaint([], 10_008), "");
  assertEquals(complaint(["--name", "web-admin"], 100), "");
});
