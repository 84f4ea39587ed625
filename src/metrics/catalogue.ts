/**
 * Every metric of Hurricane's own: names, labels and meanings.
 *
 * @module
 */
import { combine, escaped, type Family, frameOf } from "./family.ts";
import type { ProcessReading } from "./process.ts";
import type { MetricName } from "./names.ts";
import { bodySizeBounds, durationBounds } from "./layout.ts";
import { Samples } from "./samples.ts";
import type { RequestSnapshot } from "./snapshot.ts";

/** What a scrape shows, as the supervisor knows it. Times are in seconds, sizes in bytes. */
export interface MetricsInput {
  /** Summed over the workers, with those that were retired. */
  requests: RequestSnapshot;
  /** Given to the handler and not yet answered, over all workers. */
  activeRequests: number;
  /** What waits: in the handler, and for its event loop, of which not every kernel tells. */
  queue: { handler: number; kernel: number | undefined };
  /** `--req-queue-len`. */
  queueLimit: number;
  /** From the start of Hurricane until the service had started; absent before. */
  startupSeconds?: number;
  /** The commands that have run or run, in their order, by name: arguments may hold secrets. */
  commandSeconds: Array<{ command: string; seconds: number }>;
  /** What each probe said last; absent until it was first asked. */
  probeHealthy: Partial<Record<"startup" | "readiness" | "liveness", boolean>>;
  /** What each of the handler's own checks said last, by its probe. */
  checkHealthy: readonly { probe: string; check: string; healthy: boolean }[];
  /** Finished deliveries. To give a 0 for each combination lets the first one be seen as a rise. */
  webhookDeliveries: Array<{ type: string; outcome: string; count: number }>;
  /** Webhooks whose delivery has not ended; absent where nobody gets any. */
  webhooksPending?: number;
  /** Readings of the handler's own metrics that failed, by metric. */
  metricsErrors: Array<{ metric: string; count: number }>;
  /** Workers that were started in place of another, by what ended the other. */
  workerRestarts: Array<{ reason: string; count: number }>;
  /** What is taken from a broker; absent without one. */
  messages?: { connected: boolean; queues: MessageCounts[] };
  /** Of the slowest worker. */
  eventLoopDelaySeconds: number;
  /** Hurricane's version. */
  version: string;
  /** The application's own (`--app-version`). */
  appVersion?: string;
  /** The runtime's name and version, as in `bun 1.2.3`. */
  runtime: string;
  /** Over the supervisor and all workers. */
  process: ProcessReading;
  /**
   * What the handler's `prom-client` gave in each worker, as `CollectedMetrics` has it; last, what
   * `retireMetrics` keeps of workers that are gone.
   */
  custom: Family[][];
}

/** What is counted of a queue that messages are taken from; see `amqp/counts.ts`. */
export interface MessageCounts {
  queue: string;
  consumed: number;
  sent: number;
  fates: Record<string, number>;
  inFlight: number;
  durations: { buckets: number[]; sum: number };
  waiting?: number;
}

interface Sample {
  labels: Record<string, string>;
  value: number;
  /** Where it is not the metric's. */
  metricName?: string;
}

interface Metric extends Pick<Family, "help" | "type"> {
  name: MetricName;
  values: Sample[];
}

/** One of Hurricane's own metrics, as it is written. */
export function familyOf({ name, help, type, values }: Metric): Family {
  const samples = new Samples();
  for (const { labels, value, metricName = name } of values) {
    const names = Object.keys(labels);
    const series = frameOf(metricName, names).map((piece, index) => {
      const label = names[index];
      return label === undefined ? piece : piece + escaped(labels[label]!);
    });
    samples.add(series.join(""), value, combine.sum);
  }
  return { name, help, type, aggregator: "sum", samples, bounds: new Set() };
}

/**
 * Hurricane's own metrics. One that has no value yet is there without samples, so that its name is
 * taken.
 *
 * The names of `http_*` and `messaging_*` are those of OpenTelemetry's conventions, written as its
 * Prometheus compatibility specification says; `process_*` are those that Prometheus' client libraries share.
 */
export function ownMetrics(input: MetricsInput): Metric[] {
  return [
    ...requestMetrics(input),
    ...messageMetrics(input),
    ...serviceMetrics(input),
    ...processMetrics(input.process),
  ];
}

function requestMetrics({ requests, activeRequests }: MetricsInput): Metric[] {
  return [
    histogram(
      "http_server_request_duration_seconds",
      "Duration of HTTP server requests, from the request to the head of the response.",
      durationBounds,
      requests.durations.map((row) => ({
        ...row,
        labels: { http_request_method: row.method, http_response_status_code: `${row.status}` },
      })),
    ),
    gauge(
      "http_server_active_requests",
      "Number of HTTP server requests that the handler has not yet answered.",
      activeRequests,
    ),
    histogram(
      "http_server_response_body_size_bytes",
      "Size of HTTP server response bodies whose length is known beforehand.",
      bodySizeBounds,
      [{ ...requests.bodySizes, labels: {} }],
    ),
    metric(
      "counter",
      "hurricane_requests_shed_total",
      "Number of requests that were refused with 503, by why.",
      Object.entries(requests.shed).map(([reason, value]) => ({ labels: { reason }, value })),
    ),
  ];
}

/** Of messages. Without a broker they are not there at all. */
function messageMetrics({ messages }: MetricsInput): Metric[] {
  if (messages === undefined) return [];
  const { queues, connected } = messages;
  const system = (queue: string) => ({
    messaging_system: "rabbitmq",
    messaging_destination_name: queue,
  });
  return [
    metric(
      "counter",
      "messaging_client_consumed_messages_total",
      "Number of messages that the broker has delivered.",
      queues.map(({ queue, consumed }) => ({
        labels: { ...system(queue), messaging_operation_name: "consume" },
        value: consumed,
      })),
    ),
    metric(
      "counter",
      "messaging_client_sent_messages_total",
      "Number of replies, and of messages that wait for a retry, which the broker has confirmed.",
      queues.map(({ queue, sent }) => ({
        labels: { ...system(queue), messaging_operation_name: "publish" },
        value: sent,
      })),
    ),
    histogram(
      "messaging_process_duration_seconds",
      "Duration of processing a message: from its request to the end of the response.",
      durationBounds,
      queues.map(({ queue, durations }) => ({
        ...durations,
        labels: { ...system(queue), messaging_operation_name: "process" },
      })),
    ),
    metric(
      "counter",
      "hurricane_amqp_messages_total",
      "Number of messages by what became of them.",
      queues.flatMap(({ queue, fates }) =>
        Object.entries(fates).map(([outcome, value]) => ({ labels: { queue, outcome }, value }))
      ),
    ),
    metric(
      "gauge",
      "hurricane_amqp_inflight_messages",
      "Number of messages that the handler has not yet answered.",
      queues.map(({ queue, inFlight }) => ({ labels: { queue }, value: inFlight })),
    ),
    metric(
      "gauge",
      "hurricane_amqp_queue_messages",
      "Number of messages that wait at the broker for somebody to take them.",
      queues.flatMap(({ queue, waiting }) =>
        waiting === undefined ? [] : [{ labels: { queue }, value: waiting }]
      ),
    ),
    gauge(
      "hurricane_amqp_connected",
      "Whether messages are taken from the broker.",
      connected ? 1 : 0,
    ),
  ];
}

function serviceMetrics(input: MetricsInput): Metric[] {
  return [
    metric(
      "gauge",
      "hurricane_request_queue_length",
      "Number of requests that the handler has not answered, and of those that wait in the kernel.",
      (["handler", "kernel"] as const).flatMap((part) => {
        const value = input.queue[part];
        return value === undefined ? [] : [{ labels: { part }, value }];
      }),
    ),
    gauge(
      "hurricane_request_queue_limit",
      "Queue length above which the readiness probe fails.",
      input.queueLimit,
    ),
    gauge(
      "hurricane_startup_duration_seconds",
      "Time from the start of Hurricane until the service had started.",
      input.startupSeconds,
    ),
    metric(
      "gauge",
      "hurricane_command_duration_seconds",
      "Time that a command took before the service started; of one that runs, so far.",
      commandSamples(input.commandSeconds),
    ),
    metric(
      "gauge",
      "hurricane_probe_healthy",
      "Whether the probe's last answer was a success.",
      Object.entries(input.probeHealthy).flatMap(([probe, healthy]) =>
        healthy === undefined ? [] : [{ labels: { probe }, value: healthy ? 1 : 0 }]
      ),
    ),
    metric(
      "gauge",
      "hurricane_check_healthy",
      "Whether a check of the handler's own was a success when it ran last, in all workers.",
      input.checkHealthy.map(({ probe, check, healthy }) => ({
        labels: { probe, check },
        value: healthy ? 1 : 0,
      })),
    ),
    gauge(
      "hurricane_webhooks_pending",
      "Number of webhooks whose delivery has not ended, over all receivers.",
      input.webhooksPending,
    ),
    metric(
      "counter",
      "hurricane_webhook_deliveries_total",
      "Number of webhooks whose delivery has ended, by how.",
      input.webhookDeliveries.map(({ type, outcome, count }) => ({
        labels: { type, outcome },
        value: count,
      })),
    ),
    metric(
      "counter",
      "hurricane_worker_restarts_total",
      "Number of workers that were replaced, by why.",
      input.workerRestarts.map(({ reason, count }) => ({ labels: { reason }, value: count })),
    ),
    metric(
      "counter",
      "hurricane_metrics_errors_total",
      "Number of times that one of the handler's own metrics could not be read.",
      input.metricsErrors.map(({ metric, count }) => ({ labels: { metric }, value: count })),
    ),
    gauge(
      "hurricane_event_loop_delay_seconds",
      "How late the event loop of the slowest worker is.",
      input.eventLoopDelaySeconds,
    ),
    metric(
      "gauge",
      "hurricane_info",
      "Version of Hurricane, of its runtime and of the application.",
      [
        {
          labels: {
            version: input.version,
            runtime: input.runtime,
            ...(input.appVersion === undefined ? {} : { app_version: input.appVersion }),
          },
          value: 1,
        },
      ],
    ),
  ];
}

function processMetrics(reading: ProcessReading): Metric[] {
  const { cpuUserSeconds, cpuSystemSeconds } = reading;
  return [
    counter("process_cpu_user_seconds_total", "User CPU time spent.", cpuUserSeconds),
    counter("process_cpu_system_seconds_total", "System CPU time spent.", cpuSystemSeconds),
    counter(
      "process_cpu_seconds_total",
      "User and system CPU time spent.",
      cpuUserSeconds + cpuSystemSeconds,
    ),
    gauge("process_resident_memory_bytes", "Resident memory size.", reading.residentBytes),
    gauge("process_virtual_memory_bytes", "Virtual memory size.", reading.virtualBytes),
    gauge(
      "process_start_time_seconds",
      "Start time of the first process since the Unix epoch.",
      reading.startTimeSeconds,
    ),
    gauge("process_open_fds", "Number of open file descriptors.", reading.openFds),
    gauge("process_max_fds", "Maximum number of open file descriptors.", reading.maxFds),
  ];
}

/** The second command of the same name gets `#2`: label values must differ. */
function commandSamples(commands: MetricsInput["commandSeconds"]): Sample[] {
  const times = new Map<string, number>();
  return commands.map(({ command, seconds }) => {
    const nth = (times.get(command) ?? 0) + 1;
    times.set(command, nth);
    return { labels: { command: nth === 1 ? command : `${command}#${nth}` }, value: seconds };
  });
}

function gauge(name: MetricName, help: string, value: number | undefined): Metric {
  return metric("gauge", name, help, value === undefined ? [] : [{ labels: {}, value }]);
}

function counter(name: MetricName, help: string, value: number): Metric {
  return metric("counter", name, help, [{ labels: {}, value }]);
}

interface HistogramRow {
  labels: Record<string, string>;
  /** Not cumulated. */
  buckets: number[];
  sum: number;
}

function histogram(
  name: MetricName,
  help: string,
  bounds: readonly number[],
  rows: HistogramRow[],
): Metric {
  const samples = rows.flatMap(({ labels, buckets, sum }): Sample[] => {
    let count = 0;
    const cumulated = buckets.map((n, index) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: index < bounds.length ? `${bounds[index]}` : "+Inf" },
      value: count += n,
    }));
    return [
      ...cumulated,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  });
  return metric("histogram", name, help, samples);
}

function metric(
  type: Metric["type"],
  name: MetricName,
  help: string,
  values: Sample[],
): Metric {
  return { name, help, type, values };
}
