import { type Series, seriesOf } from "./promql.ts";

/** A rule of Prometheus: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */
export type Rule = RecordingRule | AlertingRule;

/** Something that is computed again and again. */
export interface RecordingRule {
  record: string;
  expr: string;
}

/** Something that somebody has to know. */
export interface AlertingRule {
  alert: string;
  expr: string;
  for?: string;
  /** How long it goes on after what it is about has ended. Prometheus 2.42 and later know it. */
  keep_firing_for?: string;
  labels: { severity: Severity };
  annotations: { summary: string; runbook: string };
}

/** `critical`: somebody is woken. `warning`: somebody looks at it in the morning. */
export type Severity = "critical" | "warning";

/** Rules that are evaluated together, with a comment for each. */
export interface RuleGroup {
  name: string;
  rules: { comment: string; rule: Rule }[];
}

/** Words, and not an address: whoever is woken has the guide in the release or the clone that they run. */
const runbook = "An alert fires, in the guide's chapter Troubleshooting " +
  "(docs/guide/troubleshooting.md#an-alert-fires)";

/**
 * One in a thousand requests may fail, in 30 days. The alerts on this error budget are those of
 * https://sre.google/workbook/alerting-on-slos/
 */
const budget = 0.001;

/**
 * What one wants to see of a service, and to be woken for.
 *
 * @param scope matchers of the service's series, as PromQL has them; empty for whatever Prometheus has
 */
export function ruleGroups(scope: string): RuleGroup[] {
  const series = seriesOf(scope);
  return [
    { name: "hurricane", rules: recordings(series) },
    { name: "hurricane-alerts", rules: alerts(series, scope) },
  ];
}

function recordings(series: Series): RuleGroup["rules"] {
  const requests = series("http_server_request_duration_seconds", {}, "_count");
  const buckets = series("http_server_request_duration_seconds", {}, "_bucket");
  return [
    {
      comment: "Requests a second, and the part of them that failed.",
      rule: {
        record: "job:hurricane_requests:rate1m",
        expr: `sum by (namespace, job) (rate(${requests}[1m]))`,
      },
    },
    {
      comment: "What was refused on purpose (503 by --max-wait, --max-inflight) is among them.",
      rule: { record: "job:hurricane_errors:ratio_rate1m", expr: errorRatio(series, "1m") },
    },
    {
      comment:
        "How long 95 of 100 requests take at most, in seconds, interpolated within a bucket.",
      rule: {
        record: "job:hurricane_request_duration_seconds:p95_1m",
        expr: `histogram_quantile(0.95, sum by (namespace, job, le) (rate(${buckets}[1m])))`,
      },
    },
    {
      comment: "Requests that wait, over all pods: what to scale by.",
      rule: {
        record: "job:hurricane_request_queue_length:sum",
        expr: `sum by (namespace, job) (${series("hurricane_request_queue_length")})`,
      },
    },
  ];
}

function alerts(series: Series, scope: string): RuleGroup["rules"] {
  const ready = series("hurricane_probe_healthy", { probe: "readiness" });
  const shed = series("hurricane_requests_shed_total");
  const length = series("hurricane_request_queue_length");
  const buckets = series("http_server_request_duration_seconds", {}, "_bucket");
  const restarts = (reason: string): string =>
    series("hurricane_worker_restarts_total", { reason });
  const undelivered = series("hurricane_webhook_deliveries_total", {
    outcome: ["!=", "delivered"],
  });
  const rejected = series("hurricane_amqp_messages_total", { outcome: "rejected" });
  const up = scope === "" ? "up" : `up{${scope}}`;
  // A job is a service of Hurricane's where its name says so, or one of its pods was once heard of.
  const asked = `${up} and on (namespace, job) count_over_time(${ready}[1d])`;
  const targets = scope === "" ? `(up{job=~".*hurricane.*"} or ${asked})` : up;
  return [
    alert("HurricaneDown", {
      comment: "Its metrics cannot be read most of the time: it does not run, it dies again and\n" +
        "again, or nobody gets to its probe port.",
      expr: `avg_over_time(${up}[10m]) < 0.5 and ${targets}`,
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.instance }} does not answer Prometheus",
    }),
    alert("HurricaneNoPodReady", {
      comment:
        "Clients get nothing: no pod is in the Service, or Prometheus hears of none, though\n" +
        "there are pods, or were within the last hour. One that comes up and dies is none;\n" +
        "one whose readiness nobody has asked for counts as ready.",
      expr: `count by (namespace, job) (count_over_time(${ready}[1h]) or ${asked}) ` +
        `unless max by (namespace, job) (${ready} or ignoring (probe) ${up}) == 1`,
      for: "1m",
      keep_firing_for: "5m",
      severity: "critical",
      summary: "{{ $labels.job }}: no pod is ready",
    }),
    alert("HurricaneNotReady", {
      comment:
        "Readiness has taken the pod out of its Service; the answer of its /ready says why.\n" +
        "A scrape that fails changes nothing.",
      expr: `last_over_time(${ready}[5m]) == 0 and ignoring (probe) ${up}`,
      for: "10m",
      severity: "warning",
      summary: "{{ $labels.instance }} is not ready",
    }),
    ...[
      {
        long: "1h",
        short: "5m",
        rate: 14.4,
        severity: "critical" as const,
        share: "2 % in an hour",
        how: "Fast",
      },
      {
        long: "6h",
        short: "30m",
        rate: 6,
        severity: "critical" as const,
        share: "5 % in 6 hours",
        how: "Steadily",
      },
      {
        long: "1d",
        short: "2h",
        rate: 3,
        severity: "warning" as const,
        share: "10 % in a day",
        how: "Slowly",
      },
    ].map(({ long, short, rate, severity, share, how }) =>
      alert(`HurricaneErrorBudgetBurns${how}`, {
        comment: `${share} of the requests of 30 days that may fail where 99.9 % must not`,
        expr: [long, short]
          .map((range) => `${errorRatio(series, range)} > ${round(rate * budget)}`)
          .join(" and "),
        severity,
        summary: `{{ $labels.job }}: {{ $value | humanizePercentage }} of the requests fail`,
      })
    ),
    alert("HurricaneSlow", {
      comment: "One of twenty requests takes longer than a second.",
      expr: `histogram_quantile(0.95, sum by (namespace, job, le) (rate(${buckets}[5m]))) > 1`,
      for: "10m",
      severity: "warning",
      summary:
        "{{ $labels.job }}: 5 % of the requests take longer than {{ $value | humanizeDuration }}",
    }),
    alert("HurricaneQueueTooLong", {
      comment: "Readiness has taken the pod out of its Service, for longer than a peak lasts.",
      expr: `sum without (part) (${length}) > ${series("hurricane_request_queue_limit")}`,
      for: "2m",
      severity: "warning",
      summary: "{{ $labels.instance }}: {{ $value }} requests wait",
    }),
    alert("HurricaneRequestsShed", {
      comment:
        "More comes than --max-inflight or --max-wait lets in, for longer than a peak lasts.",
      expr: `sum without (reason) (rate(${shed}[5m])) > 0`,
      for: "2m",
      severity: "warning",
      summary: "{{ $labels.instance }}: {{ $value | humanize }} requests a second are refused",
    }),
    alert("HurricaneEventLoopLate", {
      comment: "The handler blocks its event loop again and again.",
      expr: `avg_over_time(${series("hurricane_event_loop_delay_seconds")}[5m]) > 0.2`,
      for: "5m",
      severity: "warning",
      summary: "{{ $labels.instance }}: the event loop is {{ $value | humanizeDuration }} late",
    }),
    alert("HurricaneHandlerCrashes", {
      comment: "The handler's process has died by itself.",
      expr: `increase(${restarts("crash")}[10m]) > 0`,
      severity: "warning",
      summary: "{{ $labels.instance }}: the handler's process has died",
    }),
    alert("HurricaneHandlerStalls", {
      comment: "The event loop stood still for so long that its process was replaced.",
      expr: `increase(${restarts("stall")}[10m]) > 0`,
      severity: "warning",
      summary: "{{ $labels.instance }}: the handler's event loop stood still",
    }),
    alert("HurricaneMemoryGrows", {
      comment: "Workers are replaced again and again because of --max-memory: there is a leak.",
      expr: `increase(${restarts("memory")}[1h]) > 3`,
      severity: "warning",
      summary:
        "{{ $labels.instance }}: {{ $value | humanize }} workers in an hour have grown too large",
    }),
    alert("HurricaneWebhooksFail", {
      comment: "A webhook was given up: its receiver does not take it.",
      expr: `increase(${undelivered}[10m]) > 0`,
      severity: "warning",
      summary: "{{ $labels.instance }}: a webhook {{ $labels.type }} was not delivered",
    }),
    alert("HurricaneMessagesRejected", {
      comment: "A message was refused, or tried in vain: its dead-letter exchange has it, if any.",
      expr: `increase(${rejected}[10m]) > 0`,
      severity: "warning",
      summary: "{{ $labels.instance }}: a message of the queue {{ $labels.queue }} was rejected",
    }),
  ];
}

function errorRatio(series: Series, range: string): string {
  const failed = series(
    "http_server_request_duration_seconds",
    { http_response_status_code: ["=~", "5.."] },
    "_count",
  );
  const all = series("http_server_request_duration_seconds", {}, "_count");
  const rate = (of: string): string => `sum by (namespace, job) (rate(${of}[${range}]))`;
  return `${rate(failed)} / ${rate(all)}`;
}

function alert(
  name: string,
  { comment, severity, summary, ...rule }: {
    comment: string;
    expr: string;
    for?: string;
    keep_firing_for?: string;
    severity: Severity;
    summary: string;
  },
): RuleGroup["rules"][number] {
  return {
    comment,
    rule: {
      alert: name,
      ...rule,
      labels: { severity },
      annotations: { summary, runbook: `${name}: ${runbook}` },
    },
  };
}

/** Without the noise of binary fractions. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}
