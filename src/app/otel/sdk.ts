/**
 * OpenTelemetry's own SDK, set up for a process that runs a handler.
 *
 * Loaded only with `--otel`, before the handler is: what that makes of `@opentelemetry/api`, in whichever
 * copy, comes here.
 *
 * @module
 */
import {
  context,
  diag,
  DiagLogLevel,
  propagation,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  CompositePropagator,
  getNumberFromEnv,
  setGlobalErrorHandler,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanLimits,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { hostname } from "node:os";
import process from "node:process";
import { describe } from "../../errors.ts";
import { logger } from "../../log.ts";
import { runtime } from "../../runtime/mod.ts";
import { version } from "../../version.ts";
import { within } from "../../within.ts";
import {
  endpointOf,
  type Propagator,
  type Sampling,
  tracingEnvironment,
  type Variables,
} from "./environment.ts";
import { TrustedProxies } from "../trusted_proxies.ts";
import { PatientExporter } from "./patient_exporter.ts";
import { Seldom } from "./seldom.ts";
import { ServerSpans } from "./server_spans.ts";
import type { Traces } from "./traces.ts";

const log = logger("otel");

/**
 * Sets it up, as the variables say.
 *
 * @param trustedProxy as `--trusted-proxy` has it
 */
export function startTracing(variables: Variables, trustedProxy: readonly string[]): Traces {
  tellTroubles();
  const { sampling, propagators, exported } = tracingEnvironment(variables);
  const provider = new TracerProvider({
    resource: resource(),
    sampler: sampler(sampling),
    spanLimits: limits(),
    spanProcessors: exported ? [batches(endpointOf(variables)?.url ?? "")] : [],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: propagators.map(propagator) }),
  );
  trace.setGlobalTracerProvider(provider);
  const flush = async (timeout: number): Promise<void> => {
    try {
      await within(timeout, provider.shutdown());
    } catch (error) {
      log.warn("the last spans could not be sent: {error}", { error: describe(error) });
    }
  };
  const proxies = trustedProxy.length === 0 ? undefined : new TrustedProxies(trustedProxy);
  return new ServerSpans(provider.getTracer("hurricane", version), flush, proxies);
}

/**
 * What OpenTelemetry has to say goes where all else is said. Of what it repeats, as where it has to drop spans
 * again and again, a line a minute is enough.
 */
function tellTroubles(): void {
  const seldom = new Seldom(60_000);
  const say = (level: "warn" | "debug") => (first: string, ...rest: unknown[]): void => {
    const message = [first, ...rest.map(describe)].join(" ");
    if (level === "debug" || seldom.allows(message)) log[level]("{message}", { message });
  };
  const [warn, debug] = [say("warn"), say("debug")];
  diag.setLogger({ error: warn, warn, info: debug, debug, verbose: debug }, DiagLogLevel.INFO);
  setGlobalErrorHandler((error) => warn(describe(error)));
}

/** `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` count most. */
function resource(): Resource {
  const own = resourceFromAttributes({
    // As the conventions name a service that has no name, which else has the runtime's whole path.
    "service.name": "unknown_service:hurricane",
    "host.name": hostname(),
    "process.pid": process.pid,
    "process.runtime.name": runtime.name,
    "process.runtime.version": runtime.version,
  });
  return defaultResource().merge(own).merge(
    detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }),
  );
}

function sampler({ parentBased, root, ratio }: Sampling): Sampler {
  const roots = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  const own = roots[root]();
  return parentBased ? new ParentBasedSampler({ root: own }) : own;
}

function propagator(name: Propagator): TextMapPropagator {
  return name === "baggage" ? new W3CBaggagePropagator() : new W3CTraceContextPropagator();
}

/** Spans are sent some at a time, from a queue that drops what is too much. The exporter reads its variables. */
function batches(url: string): SpanProcessor {
  return new BatchSpanProcessor({
    exporter: new PatientExporter(new OTLPTraceExporter(), url),
    ...numbers({
      scheduledDelayMillis: ["OTEL_BSP_SCHEDULE_DELAY"],
      exportTimeoutMillis: ["OTEL_BSP_EXPORT_TIMEOUT"],
      maxQueueSize: ["OTEL_BSP_MAX_QUEUE_SIZE"],
      maxExportBatchSize: ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"],
    }),
  });
}

function limits(): SpanLimits {
  return numbers({
    attributeCountLimit: ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"],
    attributeValueLengthLimit: [
      "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
      "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    ],
    eventCountLimit: ["OTEL_SPAN_EVENT_COUNT_LIMIT"],
    linkCountLimit: ["OTEL_SPAN_LINK_COUNT_LIMIT"],
    attributePerEventCountLimit: ["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"],
    attributePerLinkCountLimit: ["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"],
  });
}

/** The numbers that variables give: of several for one, the first. */
function numbers<Name extends string>(
  variables: Readonly<Record<Name, readonly string[]>>,
): Partial<Record<Name, number>> {
  const found: Partial<Record<Name, number>> = {};
  for (const [name, candidates] of Object.entries(variables) as [Name, readonly string[]][]) {
    const value = candidates.map((one) => getNumberFromEnv(one)).find((one) => one !== undefined);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
