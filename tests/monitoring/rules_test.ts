import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import { stringify } from "yaml";
import { madeFiles } from "../../scripts/monitoring/made.ts";
import { ruleGroups } from "../../src/monitoring/rules.ts";
import { TempDir } from "../support/temp_dir.ts";

const missing = spawnSync("promtool", ["--version"]).error === undefined
  ? undefined
  : "skipped: promtool is not installed (Debian has it in the package prometheus)";
if (missing !== undefined) console.log(`${missing} (rules_test.ts)`);

const pod = 'namespace="shop",job="shop/web",instance="10.0.0.1:8001",pod="web-1"';
const duration = "http_server_request_duration_seconds";

/** What Prometheus has been told, as `promtool` writes series: a first value, then what each minute adds. */
type Given = Record<string, string>;

/** So many of a hundred requests fail, for so many minutes; and of the calm ones one in a million. */
function budgetCase(failed: number, minutes: number, after: string) {
  const of = (status: number): string =>
    `${duration}_count{${pod},http_response_status_code="${status}"}`;
  return {
    fires: { [of(200)]: `0+${100 - failed}x${minutes}`, [of(503)]: `0+${failed}x${minutes}` },
    calm: {
      [of(200)]: `0+1000000x${minutes}`,
      [of(503)]: `0+1x${minutes}`,
      [of(404)]: `0+50000x${minutes}`,
    },
    after,
  };
}

/** Series with which an alert fires, and such with which it does not. */
const cases: Record<string, { fires: Given; calm: Given; after: string; interval?: string }> = {
  HurricaneDown: {
    fires: { 'up{job="hurricane",instance="a"}': "0x20" },
    calm: { 'up{job="hurricane",instance="a"}': "0 0 1x20", 'up{job="other"}': "0x20" },
    after: "10m",
  },
  HurricaneNoPodReady: {
    fires: {
      [`hurricane_probe_healthy{${pod},probe="readiness"}`]: "0x20",
      [`hurricane_probe_healthy{${pod},probe="liveness"}`]: "1x20",
    },
    calm: {
      [`hurricane_probe_healthy{${pod},probe="readiness"}`]: "0x20",
      'hurricane_probe_healthy{namespace="shop",job="shop/web",pod="web-2",probe="readiness"}':
        "1x20",
    },
    after: "5m",
  },
  HurricaneNotReady: {
    fires: { [`hurricane_probe_healthy{${pod},probe="readiness"}`]: "0x20" },
    calm: { [`hurricane_probe_healthy{${pod},probe="readiness"}`]: "0x8 1 0x8" },
    after: "15m",
  },
  HurricaneErrorBudgetBurnsFast: budgetCase(3, 120, "100m"),
  HurricaneErrorBudgetBurnsSteadily: budgetCase(0.8, 500, "450m"),
  HurricaneErrorBudgetBurnsSlowly: { ...budgetCase(0.4, 160, "1500m"), interval: "10m" },
  HurricaneSlow: {
    fires: {
      [`${duration}_bucket{${pod},le="1"}`]: "0+90x60",
      [`${duration}_bucket{${pod},le="2.5"}`]: "0+100x60",
      [`${duration}_bucket{${pod},le="+Inf"}`]: "0+100x60",
    },
    calm: {
      [`${duration}_bucket{${pod},le="1"}`]: "0+99x60",
      [`${duration}_bucket{${pod},le="2.5"}`]: "0+100x60",
      [`${duration}_bucket{${pod},le="+Inf"}`]: "0+100x60",
    },
    after: "30m",
  },
  HurricaneQueueTooLong: {
    fires: {
      [`hurricane_request_queue_length{${pod},part="handler"}`]: "60x20",
      [`hurricane_request_queue_length{${pod},part="kernel"}`]: "60x20",
      [`hurricane_request_queue_limit{${pod}}`]: "100x20",
    },
    calm: {
      [`hurricane_request_queue_length{${pod},part="handler"}`]: "50x20",
      [`hurricane_request_queue_length{${pod},part="kernel"}`]: "50x20",
      [`hurricane_request_queue_limit{${pod}}`]: "100x20",
    },
    after: "5m",
  },
  HurricaneRequestsShed: {
    fires: {
      [`hurricane_requests_shed_total{${pod},reason="wait"}`]: "0+60x20",
      [`hurricane_requests_shed_total{${pod},reason="inflight"}`]: "0x20",
    },
    calm: { [`hurricane_requests_shed_total{${pod},reason="wait"}`]: "7x20" },
    after: "10m",
  },
  HurricaneEventLoopLate: {
    // As it is seen of a handler that blocks its loop for three seconds again and again.
    fires: { [`hurricane_event_loop_delay_seconds{${pod}}`]: "0.001 2 0.001 2 0.001 2 0.001 2x9" },
    calm: { [`hurricane_event_loop_delay_seconds{${pod}}`]: "0.1x4 0.5 0.1x12" },
    after: "12m",
  },
  HurricaneHandlerCrashes: {
    fires: { [`hurricane_worker_restarts_total{${pod},reason="crash"}`]: "0x5 1x20" },
    calm: {
      [`hurricane_worker_restarts_total{${pod},reason="crash"}`]: "3x20",
      [`hurricane_worker_restarts_total{${pod},reason="signal"}`]: "0x5 1x20",
    },
    after: "8m",
  },
  HurricaneHandlerStalls: {
    fires: { [`hurricane_worker_restarts_total{${pod},reason="stall"}`]: "0x5 1x20" },
    calm: { [`hurricane_worker_restarts_total{${pod},reason="stall"}`]: "1x20" },
    after: "8m",
  },
  HurricaneMemoryGrows: {
    fires: { [`hurricane_worker_restarts_total{${pod},reason="memory"}`]: "0+1x60" },
    calm: { [`hurricane_worker_restarts_total{${pod},reason="memory"}`]: "0x10 1x60" },
    after: "50m",
  },
  HurricaneWebhooksFail: {
    fires: {
      [`hurricane_webhook_deliveries_total{${pod},type="failed",outcome="dropped"}`]: "0x5 1x20",
    },
    calm: {
      [`hurricane_webhook_deliveries_total{${pod},type="failed",outcome="delivered"}`]: "0+1x20",
    },
    after: "8m",
  },
  HurricaneMessagesRejected: {
    fires: {
      [`hurricane_amqp_messages_total{${pod},queue="jobs",outcome="rejected"}`]: "0x5 1x20",
    },
    calm: {
      [`hurricane_amqp_messages_total{${pod},queue="jobs",outcome="rejected"}`]: "4x20",
      [`hurricane_amqp_messages_total{${pod},queue="jobs",outcome="retried"}`]: "0+1x20",
    },
    after: "8m",
  },
};

describe("the alerts", { skip: missing ?? false }, () => {
  const rules = ruleGroups("").flatMap(({ rules }) => rules.map(({ rule }) => rule))
    .filter((rule) => "alert" in rule);

  test("have a case each", () => {
    assertEquals(Object.keys(cases), [...new Set(rules.map((rule) => rule.alert))]);
  });

  for (const how of ["fires", "calm"] as const) {
    test(`are right about series with which they ${how === "fires" ? "fire" : "do not"}`, () => {
      assertEquals(firing(how), how === "fires" ? Object.keys(cases) : []);
    });
  }

  /** Which of them fire with their series? `promtool` can only be asked whether they do not. */
  function firing(how: "fires" | "calm"): string[] {
    using dir = new TempDir();
    dir.file("rules.yml", madeFiles()["docs/prometheus-rules.yml"]!);
    const tests = Object.entries(cases).map((
      [alertname, { after, interval = "1m", ...given }],
    ) => ({
      interval,
      input_series: Object.entries(given[how]).map(([series, values]) => ({ series, values })),
      alert_rule_test: [{ alertname, eval_time: after, exp_alerts: [] }],
    }));
    const file = dir.file(
      "tests.yml",
      stringify({ rule_files: ["rules.yml"], evaluation_interval: "1m", tests }),
    );
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], {
      encoding: "utf8",
    });
    const text = stdout + stderr;
    const found = [...text.matchAll(/alertname: (\w+), time/g)].map(([, name]) => name!);
    // Not a file that cannot be read.
    assertEquals(status === 0, found.length === 0, text);
    return found;
  }
});
