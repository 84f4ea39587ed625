import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
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

/** The rules, as a file of Prometheus has them. */
function rulesFor(scope: string) {
  const groups = ruleGroups(scope);
  return {
    groups: groups.map(({ name, rules }) => ({ name, rules: rules.map(({ rule }) => rule) })),
  };
}

/** Whether a pod is ready. */
function ready(pod: string): string {
  return `hurricane_probe_healthy{${pod},probe="readiness"}`;
}

/** Series with which an alert fires, and such with which it does not. */
const cases: Record<string, { fires: Given; calm: Given; after: string; interval?: string }> = {
  HurricaneDown: {
    fires: { [`up{${pod}}`]: "1 0x20", [ready(pod)]: "1 stale" },
    calm: { [`up{${pod}}`]: "0 0 1x20", [ready(pod)]: "_ _ 1x20", 'up{job="other"}': "0x20" },
    after: "12m",
  },
  HurricaneNoPodReady: {
    fires: {
      [ready(pod)]: "0x20",
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
    fires: { [`up{${pod}}`]: "1x20", [ready(pod)]: "0x20" },
    calm: { [`up{${pod}}`]: "1x20", [ready(pod)]: "0x8 1 0x8" },
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

const other = 'namespace="shop",job="shop/web",instance="10.0.0.2:8001",pod="web-2"';
const [cart, todo] = ["cart", "todo"].map((job) =>
  `namespace="shop",job="${job}",instance="${job}:8001",pod="${job}-1"`
) as [string, string];

/** Once in four minutes a scrape succeeds; what it finds is gone with the next one. */
const rarely = {
  scrapes: "1 0x14 ".repeat(12),
  found: (value: number) => `${value} stale _x14 `.repeat(12),
};

/** What happens to services, and which alerts then fire, with the services that they name. */
const scenes: {
  name: string;
  given: Given;
  after: string;
  interval?: string;
  fires: string[];
}[] = [
  {
    name: "no pod can be scraped any more",
    given: {
      [`up{${pod}}`]: "1x9 0x30",
      [`up{${other}}`]: "1x9 0x30",
      [ready(pod)]: "1x9 stale",
      [ready(other)]: "1x9 stale",
    },
    after: "30m",
    fires: ["HurricaneDown shop/web", "HurricaneDown shop/web", "HurricaneNoPodReady shop/web"],
  },
  {
    name: "nor hours later",
    given: { [`up{${pod}}`]: "1x6 0x100", [ready(pod)]: "1x6 stale" },
    interval: "3m",
    after: "5h",
    fires: ["HurricaneDown shop/web", "HurricaneNoPodReady shop/web"],
  },
  {
    name: "one pod of two cannot be scraped",
    given: {
      [`up{${pod}}`]: "1x9 0x30",
      [`up{${other}}`]: "1x40",
      [ready(pod)]: "1x9 stale",
      [ready(other)]: "1x40",
    },
    after: "30m",
    fires: ["HurricaneDown shop/web"],
  },
  {
    name: "all pods are gone, targets and all",
    given: { [`up{${pod}}`]: "1x9 stale", [ready(pod)]: "1x9 stale" },
    after: "20m",
    fires: ["HurricaneNoPodReady shop/web"],
  },
  {
    name: "a service was taken away two hours ago",
    given: { [`up{${pod}}`]: "1x9 stale", [ready(pod)]: "1x9 stale" },
    after: "130m",
    fires: [],
  },
  {
    name: "a pod replaces another, which never became ready",
    given: {
      [`up{${pod}}`]: "0x8 stale",
      [ready(pod)]: "0x8 stale",
      [`up{${other}}`]: "_x8 1x20",
      [ready(other)]: "_x8 1x20",
    },
    after: "16m",
    fires: [],
  },
  ...[0, 1].map((found) => ({
    name: `a pod dies again and again, and is seen each 4 minutes: ${found ? "" : "not "}ready`,
    given: { [`up{${pod}}`]: rarely.scrapes, [ready(pod)]: rarely.found(found) },
    interval: "15s",
    // Just when it is seen.
    after: "40m",
    fires: [
      "HurricaneDown shop/web",
      "HurricaneNoPodReady shop/web",
      ...(found === 0 ? ["HurricaneNotReady shop/web"] : []),
    ],
  })),
  {
    name: "each third scrape is lost",
    given: { [`up{${pod}}`]: "1 1 0 ".repeat(15), [ready(pod)]: "1 1 stale ".repeat(15) },
    after: "40m",
    fires: [],
  },
  {
    name: "one of two services in a namespace is not ready",
    given: {
      [`up{${cart}}`]: "1x30",
      [`up{${todo}}`]: "1x30",
      [ready(cart)]: "1x30",
      [ready(todo)]: "0x30",
    },
    after: "20m",
    fires: ["HurricaneNoPodReady todo", "HurricaneNotReady todo"],
  },
  {
    name: "the one target of the configuration has never answered",
    given: { 'up{job="hurricane",instance="localhost:8001"}': "0x30" },
    after: "20m",
    fires: ["HurricaneDown hurricane"],
  },
  {
    name: "nobody asks whether a pod is ready, so nothing is known of it",
    given: { 'up{job="hurricane",instance="localhost:8001"}': "1x30", [`up{${pod}}`]: "1x30" },
    after: "20m",
    fires: [],
  },
  {
    name: "somebody asked once, and the service was started again since",
    given: { [`up{${pod}}`]: "1x40", [ready(pod)]: "1x5 stale" },
    after: "30m",
    fires: [],
  },
  {
    name: "what is not Hurricane's is down",
    given: { 'up{job="other",instance="b:80"}': "1 0x30" },
    after: "20m",
    fires: [],
  },
];

describe("the alerts", { skip: missing ?? false }, () => {
  const rules = ruleGroups("").flatMap(({ rules }) => rules.map(({ rule }) => rule))
    .filter((rule) => "alert" in rule);

  test("have a case each", () => {
    assertEquals(Object.keys(cases), [...new Set(rules.map((rule) => rule.alert))]);
  });

  for (const how of ["fires", "calm"] as const) {
    test(`are right about series with which they ${how === "fires" ? "fire" : "do not"}`, () => {
      const asked = Object.entries(cases).map(([name, { after, interval, ...given }]) => ({
        ...{ names: [name], given: given[how], after, interval },
      }));
      assertEquals(
        firing(asked).map((alert) => alert.split(" ")[0]),
        how === "fires" ? Object.keys(cases) : [],
      );
    });
  }

  for (const { name, given, after, interval, fires } of scenes) {
    test(`${name}: ${fires.join(", ") || "none"}`, () => {
      const names = [...new Set(rules.map((rule) => rule.alert))];
      const asked = [{ names, given, after, interval }];
      assertEquals(firing(asked, { evaluated: "30s" }), fires);
      // As a PrometheusRule has them, for one service.
      const job = "shop/web";
      assertEquals(
        firing(asked, { evaluated: "30s", rules: stringify(rulesFor(`job="${job}"`)) }),
        fires.filter((alert) => alert.endsWith(` ${job}`)),
      );
    });
  }

  /**
   * Which alerts fire, each with the job that it names? `promtool` can only be asked whether they do not.
   */
  function firing(
    asked: { names: string[]; given: Given; after: string; interval: string | undefined }[],
    { evaluated = "1m", rules = madeFiles()["docs/prometheus-rules.yml"]! } = {},
  ): string[] {
    using dir = new TempDir();
    dir.file("rules.yml", rules);
    const tests = asked.map(({ names, given, after, interval = "1m" }) => ({
      interval,
      input_series: Object.entries(given).map(([series, values]) => ({ series, values })),
      alert_rule_test: names.map((alertname) => ({ alertname, eval_time: after, exp_alerts: [] })),
    }));
    const file = dir.file(
      "tests.yml",
      stringify({ rule_files: ["rules.yml"], evaluation_interval: evaluated, tests }),
    );
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], {
      encoding: "utf8",
    });
    const text = stdout + stderr;
    const found = [...text.matchAll(/Labels:\{alertname="(\w+)"[^}]* job="([^"]+)"/g)]
      .map(([, name, job]) => `${name} ${job}`);
    // Not a file that cannot be read.
    assertEquals(status === 0, found.length === 0, text);
    return found;
  }
});

test(
  "what prometheus.yml has for Kubernetes tells services apart",
  { skip: missing ?? false },
  () => {
    using dir = new TempDir();
    const text = readFileSync(new URL("../../docs/prometheus.yml", import.meta.url), "utf8");
    const [head = "", kubernetes = ""] = text.split(/^ {4}# In Kubernetes,.*\n/m);
    const discovery = "kubernetes_sd_configs: [{ role: pod }]";
    assertStringIncludes(kubernetes, discovery);
    const pods: Record<string, string>[] = [
      { label_app_kubernetes_io_name: "cart", container_port_name: "probes", name: "cart-1" },
      { label_app_kubernetes_io_name: "todo", container_port_name: "probes", name: "todo-1" },
      { label_app_kubernetes_io_name: "todo", container_port_name: "http", name: "todo-1" },
      { container_port_name: "probes", name: "nameless" },
    ];
    // Debian's Prometheus has no discovery in Kubernetes: it is given what that would find.
    const found = pods.map((pod, index) => ({
      targets: [`10.0.0.${index}:8001`],
      labels: Object.fromEntries(
        Object.entries({ namespace: "shop", ...withPrefix("pod_", pod) })
          .map(([label, value]) => [`__meta_kubernetes_${label}`, value]),
      ),
    }));
    const scrape =
      head.replace(/^ {4}static_configs:[^]*$/m, "").replace("[prometheus-rules.yml]", "[]") +
      kubernetes.replaceAll(/^( {4})# /gm, "$1")
        .replace(discovery, `static_configs: ${JSON.stringify(found)}`);
    const file = dir.file("prometheus.yml", scrape);
    const { stdout, stderr } = spawnSync(
      "promtool",
      ["check", "service-discovery", "--timeout=1s", file, "hurricane"],
      { encoding: "utf8" },
    );
    const targets: { labels?: Record<string, string> }[] = JSON.parse(stdout);
    const labels = targets.flatMap(({ labels = {} }) =>
      labels["job"] === undefined
        ? []
        : [`${labels["namespace"]} ${labels["job"]} ${labels["pod"]}`]
    );
    assertEquals(
      labels.sort(),
      ["shop cart cart-1", "shop hurricane nameless", "shop todo todo-1"],
      stderr,
    );
  },
);

function withPrefix(prefix: string, labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [prefix + label, value]),
  );
}
