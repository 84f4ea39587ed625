/**
 * What a webhook says: a probe's state, when, where, and why.
 *
 * @module
 */
import { hostname } from "node:os";
import { version } from "../version.ts";

/** The three probes of Kubernetes, which are also the three types of webhook. */
export type ProbeType = "startup" | "readiness" | "liveness";

/** A change of state that is worth telling. */
export interface WebhookEvent {
  /** The new state. */
  status: "succeeded" | "failed";
  /** The probe whose state it is. */
  type: ProbeType;
  /** Why it failed, as text. Left out of the payload on success. */
  errorTrace?: string;
}

/** The JSON body of a webhook. */
export interface WebhookPayload {
  /** The new state. */
  status: "succeeded" | "failed";
  /** The probe whose state it is. */
  type: ProbeType;
  /** When the webhook was initiated: RFC 3339, in UTC, with milliseconds. */
  timestamp: string;
  /** The name of the machine; in Kubernetes, of the pod. */
  hostname: string;
  /** The version of Hurricane. */
  version: string;
  /** The version of the application, where `--app-version` gives it. */
  app_version?: string;
  /** What Kubernetes calls the service, its namespace and the pod, where the environment says so. */
  service?: string;
  namespace?: string;
  pod?: string;
  /** Why it failed. Absent on success. */
  error_trace?: string;
}

/** What sends webhooks, as far as it is known: see {@linkcode WebhookPayload}. */
export type Sender = Pick<WebhookPayload, "app_version" | "service" | "namespace" | "pod">;

/** The variables by which a pod knows what it is: `hurricane manifest` sets them, and many charts do. */
export const senderVariables = {
  service: "SERVICE_NAME",
  namespace: "POD_NAMESPACE",
  pod: "POD_NAME",
} as const;

/** What the options and the environment say of the sender. */
export function senderOf(
  appVersion: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Sender {
  const named = Object.entries(senderVariables)
    .map(([field, variable]) => [field, environment[variable]]);
  const known = [["app_version", appVersion], ...named].filter(([, value]) => value);
  return Object.fromEntries(known) as Sender;
}

/** The payload of an event that happens now. */
export function createPayload(event: WebhookEvent, sender: Sender = {}): WebhookPayload {
  const payload: WebhookPayload = {
    status: event.status,
    type: event.type,
    timestamp: new Date().toISOString(),
    hostname: hostname(),
    version,
    ...sender,
  };
  if (event.status === "failed" && event.errorTrace !== undefined) {
    payload.error_trace = event.errorTrace;
  }
  return payload;
}
