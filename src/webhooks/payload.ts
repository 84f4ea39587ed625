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
  /** Why it failed. Absent on success. */
  error_trace?: string;
}

/** The payload of an event that happens now. */
export function createPayload(event: WebhookEvent): WebhookPayload {
  const payload: WebhookPayload = {
    status: event.status,
    type: event.type,
    timestamp: new Date().toISOString(),
    hostname: hostname(),
    version,
  };
  if (event.status === "failed" && event.errorTrace !== undefined) {
    payload.error_trace = event.errorTrace;
  }
  return payload;
}
