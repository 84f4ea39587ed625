import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { bodySizeBounds, durationBounds } from "../../src/metrics/layout.ts";
import { RequestCounters } from "../../src/metrics/requests.ts";
import { requestSnapshot } from "../../src/metrics/snapshot.ts";
import { type Format, valueOf } from "../support/prometheus.ts";
import { scrape } from "./input.ts";

describe("Hurricane's own metrics", () => {
  test("of messages are there with a broker, under their promised names", async () => {
    assertEquals([...(await scrape()).keys()].filter((name) => /amqp|messaging/.test(name)), []);
    const buckets = durationBounds.map(() => 0);
    const families = await scrape({
      messages: {
        connected: true,
        queues: [{
          queue: "jobs",
          consumed: 7,
          sent: 2,
          fates: { acknowledged: 4, retried: 2 },
          inFlight: 1,
          durations: { buckets: [...buckets, 3], sum: 60 },
          waiting: 12,
        }],
      },
    });
    const system = { messaging_system: "rabbitmq", messaging_destination_name: "jobs" };
    const values: Array<[string, Record<string, string>, number]> = [
      [
        "messaging_client_consumed_messages_total",
        { ...system, messaging_operation_name: "consume" },
        7,
      ],
      [
        "messaging_client_sent_messages_total",
        { ...system, messaging_operation_name: "publish" },
        2,
      ],
      [
        "messaging_process_duration_seconds_count",
        { ...system, messaging_operation_name: "process" },
        3,
      ],
      ["hurricane_amqp_messages_total", { queue: "jobs", outcome: "acknowledged" }, 4],
      ["hurricane_amqp_messages_total", { queue: "jobs", outcome: "retried" }, 2],
      ["hurricane_amqp_inflight_messages", { queue: "jobs" }, 1],
      ["hurricane_amqp_queue_messages", { queue: "jobs" }, 12],
      ["hurricane_amqp_connected", {}, 1],
    ];
    for (const [name, labels, value] of values) {
      assertEquals(valueOf(families, name, labels), value, name);
    }
  });

  test("have the promised names, types, labels and values", async () => {
    const families = await scrape();
    const seen = [...families.values()].map(({ name, type, samples }) => [
      name,
      type,
      ...new Set(samples.flatMap((sample) => Object.keys(sample.labels)).filter((l) => l !== "le")),
    ]);
    assertEquals(seen, [
      [
        "http_server_request_duration_seconds",
        "histogram",
        "http_request_method",
        "http_response_status_code",
      ],
      ["http_server_active_requests", "gauge"],
      ["http_server_response_body_size_bytes", "histogram"],
      ["hurricane_requests_shed_total", "counter", "reason"],
      ["hurricane_request_queue_length", "gauge", "part"],
      ["hurricane_request_queue_limit", "gauge"],
      ["hurricane_startup_duration_seconds", "gauge"],
      ["hurricane_command_duration_seconds", "gauge", "command"],
      ["hurricane_probe_healthy", "gauge", "probe"],
      ["hurricane_check_healthy", "gauge", "probe", "check"],
      ["hurricane_webhooks_pending", "gauge"],
      ["hurricane_webhook_deliveries_total", "counter", "type", "outcome"],
      ["hurricane_worker_restarts_total", "counter", "reason"],
      ["hurricane_metrics_errors_total", "counter", "metric"],
      ["hurricane_event_loop_delay_seconds", "gauge"],
      ["hurricane_info", "gauge", "version", "runtime"],
      ["process_cpu_user_seconds_total", "counter"],
      ["process_cpu_system_seconds_total", "counter"],
      ["process_cpu_seconds_total", "counter"],
      ["process_resident_memory_bytes", "gauge"],
      ["process_virtual_memory_bytes", "gauge"],
      ["process_start_time_seconds", "gauge"],
      ["process_open_fds", "gauge"],
      ["process_max_fds", "gauge"],
    ]);
    const values: Array<[string, Record<string, string>, number]> = [
      ["http_server_active_requests", {}, 3],
      ["hurricane_requests_shed_total", { reason: "inflight" }, 1],
      ["hurricane_requests_shed_total", { reason: "wait" }, 0],
      ["hurricane_request_queue_length", { part: "handler" }, 3],
      ["hurricane_request_queue_length", { part: "kernel" }, 2],
      ["hurricane_request_queue_limit", {}, 10],
      ["hurricane_startup_duration_seconds", {}, 0.412],
      ["hurricane_command_duration_seconds", { command: "migrate.ts" }, 1.5],
      ["hurricane_probe_healthy", { probe: "startup" }, 1],
      ["hurricane_probe_healthy", { probe: "readiness" }, 0],
      ["hurricane_check_healthy", { probe: "readiness", check: "database" }, 0],
      ["hurricane_webhooks_pending", {}, 2],
      ["hurricane_webhook_deliveries_total", { type: "startup", outcome: "delivered" }, 1],
      ["hurricane_webhook_deliveries_total", { type: "readiness", outcome: "failed" }, 0],
      ["hurricane_worker_restarts_total", { reason: "crash" }, 2],
      ["hurricane_metrics_errors_total", { metric: "pool_size" }, 4],
      ["hurricane_event_loop_delay_seconds", {}, 0.001],
      ["hurricane_info", { version: "0.1.0", runtime: "bun 1.2.3" }, 1],
      ["process_cpu_user_seconds_total", {}, 1.25],
      ["process_cpu_system_seconds_total", {}, 0.5],
      ["process_cpu_seconds_total", {}, 1.75],
      ["process_resident_memory_bytes", {}, 1e8],
      ["process_virtual_memory_bytes", {}, 2e8],
      ["process_start_time_seconds", {}, 1700000000.5],
      ["process_open_fds", {}, 20],
      ["process_max_fds", {}, 1024],
    ];
    for (const [name, labels, value] of values) {
      assertEquals(valueOf(families, name, labels), value, name);
    }
    assertEquals(valueOf(families, "hurricane_probe_healthy", { probe: "liveness" }), undefined);
  });

  test("what is not known is not there", async () => {
    const families = await scrape({
      startupSeconds: undefined,
      commandSeconds: [],
      probeHealthy: { startup: undefined },
      checkHealthy: [],
      webhooksPending: undefined,
      webhookDeliveries: [],
      metricsErrors: [],
      workerRestarts: [],
      requests: requestSnapshot.empty(),
      process: { cpuUserSeconds: 0, cpuSystemSeconds: 0, residentBytes: 1 },
    });
    assertEquals([...families.keys()], [
      "http_server_active_requests",
      "http_server_response_body_size_bytes",
      "hurricane_requests_shed_total",
      "hurricane_request_queue_length",
      "hurricane_request_queue_limit",
      "hurricane_event_loop_delay_seconds",
      "hurricane_info",
      "process_cpu_user_seconds_total",
      "process_cpu_system_seconds_total",
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
    ]);
  });

  test("commands of the same name are numbered", async () => {
    const commands = ["migrate.ts", "my seed.ts", "migrate.ts", "migrate.ts"];
    const families = await scrape({
      commandSeconds: commands.map((command, index) => ({ command, seconds: index })),
    });
    const samples = families.get("hurricane_command_duration_seconds")?.samples;
    assertEquals(samples?.map(({ labels, value }) => [labels["command"], value]), [
      ["migrate.ts", 0],
      ["my seed.ts", 1],
      ["migrate.ts#2", 2],
      ["migrate.ts#3", 3],
    ]);
  });

  test("deliveries with the same labels are one series", async () => {
    const delivery = { type: "startup", outcome: "delivered", count: 2 };
    const families = await scrape({ webhookDeliveries: [delivery, { ...delivery, count: 3 }] });
    const { type, outcome } = delivery;
    assertEquals(valueOf(families, "hurricane_webhook_deliveries_total", { type, outcome }), 5);
  });

  test("histograms are what a naive model counts", async () => {
    const requests = fc.array(
      fc.record({
        method: fc.constantFrom("GET", "POST"),
        status: fc.constantFrom(200, 500),
        seconds: fc.oneof(
          fc.constantFrom(...durationBounds),
          fc.double({ min: 0, max: 20, noNaN: true }),
        ),
        bytes: fc.nat(1e9),
      }),
      { minLength: 1 },
    );
    const formats = fc.constantFrom<Format>("prometheus", "openmetrics");
    await fc.assert(
      fc.asyncProperty(requests, formats, async (requests, format) => {
        const counters = new RequestCounters();
        for (const { method, status, seconds, bytes } of requests) {
          counters.record(method, status, seconds);
          counters.recordBodySize(bytes);
        }
        // Reading checks that the buckets rise and end in the count.
        const families = await scrape({ requests: counters.snapshot() }, format);
        const bounded = (family: string, bounds: readonly number[], labels: object) =>
          families.get(family)!.samples
            .filter((sample) => sample.name === `${family}_bucket`)
            .filter(({ labels: { le: _, ...rest } }) =>
              Object.entries(labels).every(([name, value]) => rest[name] === value)
            )
            .map((sample, index) => {
              assertEquals(Number(sample.labels["le"]), bounds[index] ?? NaN);
              return sample.value;
            });
        const upTo = (bounds: readonly number[], values: number[]) =>
          [...bounds, Infinity].map((bound) => values.filter((value) => value <= bound).length);
        for (const { method, status } of requests) {
          const labels = { http_request_method: method, http_response_status_code: `${status}` };
          const values = requests.filter((r) => r.method === method && r.status === status)
            .map((r) => r.seconds);
          const name = "http_server_request_duration_seconds";
          assertEquals(bounded(name, durationBounds, labels), upTo(durationBounds, values));
          assertEquals(valueOf(families, `${name}_count`, labels), values.length);
          assertEquals(valueOf(families, `${name}_sum`, labels), values.reduce((a, b) => a + b, 0));
        }
        const name = "http_server_response_body_size_bytes";
        const sizes = requests.map((r) => r.bytes);
        assertEquals(bounded(name, bodySizeBounds, {}), upTo(bodySizeBounds, sizes));
        assertEquals(valueOf(families, `${name}_sum`), sizes.reduce((a, b) => a + b, 0));
      }),
      { numRuns: 50 },
    );
  });

  test("the application's own version is known where it is given", async () => {
    const families = await scrape({ appVersion: "1.4.2" });
    const labels = { version: "0.1.0", runtime: "bun 1.2.3", app_version: "1.4.2" };
    assertEquals(valueOf(families, "hurricane_info", labels), 1);
  });

  test("whatever a label holds can be read again", async () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({
        unit: fc.constantFrom('"', "\\", "\n", "\r", "{", "}", ",", "=", " ", "#", "n"),
      }),
    ).filter((text) => text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (runtime, outcome) => {
        const webhookDeliveries = [{ type: "startup", outcome, count: 4 }];
        for (const format of ["prometheus", "openmetrics"] as const) {
          const families = await scrape({ runtime, webhookDeliveries }, format);
          assertEquals(valueOf(families, "hurricane_info", { version: "0.1.0", runtime }), 1);
          const labels = { type: "startup", outcome };
          assertEquals(valueOf(families, "hurricane_webhook_deliveries_total", labels), 4);
        }
      }),
    );
  });
});
