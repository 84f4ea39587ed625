/**
 * The names of Hurricane's own metrics and of their labels, for whoever asks for them: dashboards,
 * alerts. `catalogue.ts` gives none that is not here.
 *
 * @module
 */

/** The labels of a metric about messages, as OpenTelemetry's conventions have them. */
const messaging = [
  "messaging_system",
  "messaging_destination_name",
  "messaging_operation_name",
] as const;

/** The labels of each metric. */
export const metricLabels = {
  http_server_request_duration_seconds: ["http_request_method", "http_response_status_code"],
  http_server_active_requests: [],
  http_server_response_body_size_bytes: [],
  hurricane_requests_shed_total: ["reason"],
  hurricane_request_queue_length: ["part"],
  hurricane_request_queue_limit: [],
  hurricane_startup_duration_seconds: [],
  hurricane_command_duration_seconds: ["command"],
  hurricane_probe_healthy: ["probe"],
  hurricane_check_healthy: ["probe", "check"],
  hurricane_webhook_deliveries_total: ["type", "outcome"],
  hurricane_webhooks_pending: [],
  hurricane_worker_restarts_total: ["reason"],
  hurricane_metrics_errors_total: ["metric"],
  hurricane_event_loop_delay_seconds: [],
  messaging_process_duration_seconds: messaging,
  messaging_client_consumed_messages_total: messaging,
  messaging_client_sent_messages_total: messaging,
  hurricane_amqp_messages_total: ["queue", "outcome"],
  hurricane_amqp_inflight_messages: ["queue"],
  hurricane_amqp_queue_messages: ["queue"],
  hurricane_amqp_connected: [],
  hurricane_info: ["version", "runtime"],
  process_cpu_user_seconds_total: [],
  process_cpu_system_seconds_total: [],
  process_cpu_seconds_total: [],
  process_resident_memory_bytes: [],
  process_virtual_memory_bytes: [],
  process_start_time_seconds: [],
  process_open_fds: [],
  process_max_fds: [],
} as const;

/** The name of a metric of Hurricane's own. */
export type MetricName = keyof typeof metricLabels;

/** The name of a label that a metric has. */
export type LabelOf<Name extends MetricName> = typeof metricLabels[Name][number];
