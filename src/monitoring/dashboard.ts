/**
 * A dashboard for Grafana, of which every query is made of metrics that exist.
 *
 * @module
 */
import { type Dashboard, laidOut, type Shown, source, type Variable } from "./grafana.ts";
import { type Series, seriesOf } from "./promql.ts";

/** What the reader has chosen. A label that a series has not is equal to the empty text. */
const scope = 'namespace=~"$namespace",job=~"$service",pod=~"$pod"';

const window = "[$__rate_interval]";

/** The dashboard of all services that Prometheus knows. */
export function dashboard(): Dashboard {
  return {
    uid: "hurricane",
    title: "Hurricane",
    description:
      "HTTP services that Hurricane serves: traffic, errors, latency, queue, workers, probes.",
    tags: ["hurricane"],
    timezone: "browser",
    schemaVersion: 41,
    editable: true,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    templating: { list: variables() },
    annotations: { list: [] },
    panels: laidOut(rows(seriesOf(scope))),
  };
}

function variables(): Variable[] {
  const any = "hurricane_info";
  const chosen = (
    name: string,
    label: string,
    of: string,
    matchers: string,
  ): Variable => ({
    name,
    label,
    type: "query",
    query: { query: `label_values(${any}${matchers},${of})`, refId: name },
    datasource: source,
    refresh: 2,
    includeAll: true,
    multi: true,
    // Where nothing sets the label, as with static targets, there is nothing to choose.
    allValue: ".*",
    current: { text: "All", value: "$__all" },
  });
  return [
    {
      name: "datasource",
      label: "Data source",
      type: "datasource",
      query: "prometheus",
      current: { text: "default", value: "default" },
    },
    chosen("namespace", "Namespace", "namespace", ""),
    chosen("service", "Service", "job", '{namespace=~"$namespace"}'),
    chosen("pod", "Pod", "pod", '{namespace=~"$namespace",job=~"$service"}'),
  ];
}

function rows(series: Series): Record<string, Shown[]> {
  const duration = "http_server_request_duration_seconds";
  const requests = series(duration, {}, "_count");
  const failed = series(duration, { http_response_status_code: ["=~", "5.."] }, "_count");
  const buckets = series(duration, {}, "_bucket");
  const quantile = (q: number): string =>
    `histogram_quantile(${q}, sum by (le) (rate(${buckets}${window})))`;
  const rate = (of: string, by: string): string => `sum by (${by}) (rate(${of}${window}))`;
  return {
    "Traffic": [
      {
        title: "Requests",
        description: "Answered in a second, by status.",
        unit: "reqps",
        stacked: true,
        queries: {
          "{{http_response_status_code}}": rate(requests, "http_response_status_code"),
        },
      },
      {
        title: "Requests by pod",
        description: "One that gets fewer than the others is not ready, or has just started.",
        unit: "reqps",
        queries: { "{{pod}}{{instance}}": rate(requests, "pod, instance") },
      },
      {
        title: "In the handler",
        description: "Requests that the handler has been given and has not answered.",
        unit: "short",
        queries: { "{{pod}}{{instance}}": series("http_server_active_requests") },
      },
    ],
    "Errors": [
      {
        title: "Share that failed",
        description: "Answers of 500 and more, those that were refused among them.",
        unit: "percentunit",
        queries: { "5xx": `sum(rate(${failed}${window})) / sum(rate(${requests}${window}))` },
      },
      {
        title: "Answers that are no success",
        description: "499: the client left before its answer. 504: --request-timeout.",
        unit: "reqps",
        queries: {
          "{{http_response_status_code}}": rate(
            series(duration, { http_response_status_code: ["!~", "[123].."] }, "_count"),
            "http_response_status_code",
          ),
        },
      },
    ],
    "Latency": [
      {
        title: "Latency",
        description: "From the request to the head of its answer, over all pods.",
        unit: "s",
        queries: { "p50": quantile(0.5), "p95": quantile(0.95), "p99": quantile(0.99) },
      },
      {
        title: "Latency by pod (p95)",
        description: "One that is slower than the others has a neighbour, or work of its own.",
        unit: "s",
        queries: {
          "{{pod}}{{instance}}":
            `histogram_quantile(0.95, sum by (pod, instance, le) (rate(${buckets}${window})))`,
        },
      },
      {
        title: "Size of answers (p95)",
        description: "Of those that carry a Content-Length.",
        unit: "bytes",
        queries: {
          "p95": `histogram_quantile(0.95, sum by (le) (rate(${
            series("http_server_response_body_size_bytes", {}, "_bucket")
          }${window})))`,
        },
      },
    ],
    "Queue and refusals": [
      {
        title: "Request queue",
        description:
          "What readiness looks at: handler is what it has not answered, kernel what waits for its loop.",
        unit: "short",
        stacked: true,
        queries: {
          "{{part}}": `sum by (part) (${series("hurricane_request_queue_length")})`,
        },
      },
      {
        title: "Request queue against its limit",
        description: "At 1 a pod says that it is not ready.",
        unit: "percentunit",
        queries: {
          "{{pod}}{{instance}}": `sum without (part) (${
            series("hurricane_request_queue_length")
          }) / ${series("hurricane_request_queue_limit")}`,
        },
      },
      {
        title: "Refused",
        description: "503 by --max-inflight (inflight) or --max-wait (wait).",
        unit: "reqps",
        queries: { "{{reason}}": rate(series("hurricane_requests_shed_total"), "reason") },
      },
    ],
    "Workers": [
      {
        title: "Workers that were replaced",
        description: "By why: crash, stall, memory, lifetime, signal, edit.",
        unit: "short",
        queries: {
          "{{reason}}": `sum by (reason) (increase(${
            series("hurricane_worker_restarts_total")
          }${window}))`,
        },
      },
      {
        title: "Time to start",
        description:
          "From the start of Hurricane until the service had started, commands included.",
        unit: "s",
        queries: { "{{pod}}{{instance}}": series("hurricane_startup_duration_seconds") },
      },
      {
        title: "Commands",
        description: "How long each has run before the service started. One that only rises hangs.",
        unit: "s",
        queries: {
          "{{command}} {{pod}}{{instance}}": series("hurricane_command_duration_seconds"),
        },
      },
      {
        title: "Versions",
        description: "How many pods run which.",
        unit: "short",
        queries: {
          "{{version}} {{runtime}}": `count by (version, runtime) (${series("hurricane_info")})`,
        },
      },
    ],
    "Event loop, processor and memory": [
      {
        title: "Event loop",
        description: "How late it is, in the slowest worker: a handler that blocks.",
        unit: "s",
        queries: { "{{pod}}{{instance}}": series("hurricane_event_loop_delay_seconds") },
      },
      {
        title: "Processor",
        description: "Cores in use, by all processes of a pod.",
        unit: "short",
        queries: {
          "{{pod}}{{instance}}": `rate(${series("process_cpu_seconds_total")}${window})`,
        },
      },
      {
        title: "Memory",
        description: "Resident, of all processes of a pod. What only grows is a leak.",
        unit: "bytes",
        queries: { "{{pod}}{{instance}}": series("process_resident_memory_bytes") },
      },
      {
        title: "File descriptors",
        description: "Open ones against what may be open.",
        unit: "percentunit",
        queries: {
          "{{pod}}{{instance}}": `${series("process_open_fds")} / ${series("process_max_fds")}`,
        },
      },
    ],
    "Probes": [
      {
        title: "Pods that are ready",
        description: "Of those that have been asked.",
        unit: "short",
        single: true,
        queries: {
          "ready": `sum(${series("hurricane_probe_healthy", { probe: "readiness" })})`,
        },
      },
      {
        title: "Probes",
        description: "1: what it said last was healthy.",
        unit: "short",
        queries: { "{{probe}} {{pod}}{{instance}}": series("hurricane_probe_healthy") },
      },
      {
        title: "Checks of the handler's own",
        description: "1: it was a success when it ran last. Empty where the handler has none.",
        unit: "short",
        queries: {
          "{{probe}} {{check}} {{pod}}{{instance}}": series("hurricane_check_healthy"),
        },
      },
    ],
    "Messages": [
      {
        title: "Messages",
        description: "What became of those that the handler was given; empty without --amqp-url.",
        unit: "short",
        queries: {
          "{{queue}} {{outcome}}": rate(series("hurricane_amqp_messages_total"), "queue, outcome"),
        },
      },
      {
        title: "Waiting at the broker",
        description: "If it grows, more come than all pods together can answer.",
        unit: "short",
        queries: { "{{queue}}": `max by (queue) (${series("hurricane_amqp_queue_messages")})` },
      },
      {
        title: "Duration of a message (p95)",
        description: "From its request to the end of the answer.",
        unit: "s",
        queries: {
          "{{messaging_destination_name}}":
            `histogram_quantile(0.95, sum by (messaging_destination_name, le) (rate(${
              series("messaging_process_duration_seconds", {}, "_bucket")
            }${window})))`,
        },
      },
    ],
    "Webhooks and metrics": [
      {
        title: "Webhooks",
        description: "Deliveries that have ended, by how.",
        unit: "short",
        queries: {
          "{{type}} {{outcome}}": `sum by (type, outcome) (increase(${
            series("hurricane_webhook_deliveries_total")
          }${window}))`,
        },
      },
      {
        title: "Webhooks that wait",
        description: "A receiver that does not take them has some at all times; the log says why.",
        unit: "short",
        queries: { "{{pod}}{{instance}}": series("hurricane_webhooks_pending") },
      },
      {
        title: "Metrics of the handler that cannot be read",
        description: "Its own collect() throws or takes too long; the log says why.",
        unit: "short",
        queries: {
          "{{metric}}": `sum by (metric) (increase(${
            series("hurricane_metrics_errors_total")
          }${window})) or vector(0)`,
        },
      },
    ],
  };
}
