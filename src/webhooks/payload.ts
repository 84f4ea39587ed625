/**
 * What a webhook says: a probe's state, when, where, and why.
 *
 * @module
 */
import { hostname } from "node:os";
import { inspect } from "node:util";
import { version } from "../version.ts";

/** The three probes of Kubernetes, which are also the three types of webhook. */
export type ProbeType = "startup" | "readiness" | "liveness";

/** A change of state that is worth telling. */
export interface WebhookEvent {
  /** The new state. */
  status: "succeeded" | "failed";
  /** The probe whose state it is. */
  type: ProbeType;
  /** Why it failed, as {@linkcode errorTrace} writes it. Left out of the payload on success. */
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

/**
 * Standard Webhooks recommends payloads below 20 kB. A stack has ten frames, so that only errors
 * with huge messages or hundreds of causes come near.
 */
const longestTrace = 16_384;

/**
 * An error as text: message and stack, then its chain of causes, with the errors of each
 * `AggregateError`. Accepts whatever can be thrown. At most 16,384 characters.
 *
 * @example
 * ```ts
 * import { errorTrace } from "./payload.ts";
 *
 * errorTrace(new Error("cannot start", { cause: new Error("port 80 is taken") }));
 * // Error: cannot start
 * //     at …
 * // Caused by: Error: port 80 is taken
 * //     at …
 * ```
 */
export function errorTrace(error: unknown): string {
  const seen = new Set<unknown>();
  const todo: Part[] = [{ label: "", value: error }];
  let trace = "";
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (trace !== "") trace += "\n";
    if (seen.has(part.value)) {
      trace += `${part.label}[shown above]`;
      continue;
    }
    if (typeof part.value === "object") seen.add(part.value);
    const { text, causes } = dissect(part.value);
    trace += part.label + text;
    if (trace.length > longestTrace) {
      return `${trace.slice(0, longestTrace)}\n[cut after ${longestTrace} characters]`;
    }
    todo.push(...causes.reverse());
  }
  return trace;
}

/** An error on the way into a trace, and how it is introduced there. */
interface Part {
  label: string;
  value: unknown;
}

function dissect(value: unknown): { text: string; causes: Part[] } {
  try {
    if (!(value instanceof Error)) {
      return { text: typeof value === "string" ? value : inspect(value), causes: [] };
    }
    const causes: Part[] = [];
    if (value instanceof AggregateError) {
      const count = value.errors.length;
      // Each takes at least one character of the trace.
      value.errors.slice(0, longestTrace).forEach((error, index) => {
        causes.push({ label: `Error ${index + 1} of ${count}: `, value: error });
      });
    }
    if (value.cause !== undefined) causes.push({ label: "Caused by: ", value: value.cause });
    return { text: headAndStack(value), causes };
  } catch (thrown) {
    // A handler may throw an object whose getters throw. Its failure must still be told.
    return { text: `[an error that cannot be read: ${typeof thrown}]`, causes: [] };
  }
}

/** JavaScriptCore leaves the message out of some stacks; V8 always begins with it. */
function headAndStack(error: Error): string {
  const head = String(error);
  const stack = error.stack ?? position(error);
  return stack.includes(error.message) ? stack : `${head}\n${stack}`;
}

/** Bun's syntax errors have no stack, but a `position`. */
function position(error: Error): string {
  const { file, line, column, lineText } = Object(Reflect.get(error, "position"));
  return file === undefined ? "" : `    at ${file}:${line}:${column}\n    ${lineText}`;
}
