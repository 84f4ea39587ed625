import type { ConsumeMessage } from "amqplib";
import { isOwnHeader, originOf, retriesOf, withoutWaiting } from "./retry.ts";

/** How attributes of a CloudEvent begin in the headers of a message, in binary mode. */
const cloudEvent = /^(cloudEvents[:_]|ce-)/;

/** What is passed on under its own name: https://www.w3.org/TR/trace-context/ */
const traceContext: ReadonlySet<string> = new Set(["traceparent", "tracestate"]);

/**
 * The headers of the request that is made of a message: its properties, and the headers that its
 * publisher has given it.
 *
 * A CloudEvent in binary mode becomes one of the HTTP binding
 * (https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md). In
 * structured mode the body is the event, and `content-type` says so in both bindings.
 */
export function headersOf(queue: string, message: ConsumeMessage): Record<string, string> {
  const { fields, properties } = message;
  const { exchange, routingKey } = originOf(message);
  const known: Record<string, unknown> = {
    "user-agent": "hurricane",
    "content-type": properties.contentType,
    "content-encoding": properties.contentEncoding,
    "amqp-queue": queue,
    "amqp-exchange": exchange,
    "amqp-routing-key": routingKey,
    "amqp-redelivered": fields.redelivered,
    "amqp-retries": retriesOf(message),
    "amqp-message-id": properties.messageId,
    "amqp-correlation-id": properties.correlationId,
    "amqp-reply-to": properties.replyTo,
    "amqp-type": properties.type,
    "amqp-app-id": properties.appId,
    "amqp-user-id": properties.userId,
    "amqp-priority": properties.priority,
    "amqp-expiration": properties.expiration,
    "amqp-timestamp": properties.timestamp,
    "amqp-delivery-mode": properties.deliveryMode,
  };
  const given = Object.entries(withoutWaiting(queue, properties.headers ?? {}))
    .filter(([name]) => !isOwnHeader(name))
    .map(([name, value]) => [nameOf(name), value] as const);
  const all = [...Object.entries(known), ...given]
    .filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(all.map(([name, value]) => [name, encoded(name, shown(value))]));
}

function nameOf(name: string): string {
  const lower = name.toLowerCase();
  if (traceContext.has(lower)) return lower;
  const attribute = name.replace(cloudEvent, "");
  // The names of attributes are letters and digits.
  if (attribute !== name && /^[a-z0-9]+$/i.test(attribute)) return `ce-${attribute.toLowerCase()}`;
  return `amqp-header-${lower.replace(/[^a-z0-9!#$&'*+.^_`|~-]/g, percent)}`;
}

/** A value as text; tables and lists as JSON. */
function shown(value: unknown): string {
  const plain = plainOf(value);
  return typeof plain === "object" ? JSON.stringify(plain) : String(plain);
}

/** A value, and all in it, as JSON has it. amqplib gives a time as `{ "!": "timestamp", value }`. */
function plainOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plainOf);
  const { "!": kind, value: inner } = value as Record<string, unknown>;
  if (kind === "timestamp") return timeOf(Number(inner));
  if (kind === "decimal") return decimalOf(inner as { places: number; digits: number });
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plainOf(part)]));
}

/** A time by its seconds since 1970; as it is where no calendar has it, as where they are nanoseconds. */
function timeOf(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? String(seconds) : time.toISOString();
}

/** Exactly: as a binary fraction it may be another number. */
function decimalOf({ places, digits }: { places: number; digits: number }): string {
  const text = String(Math.abs(digits)).padStart(places + 1, "0");
  const at = text.length - places;
  const shown = places === 0 ? text : `${text.slice(0, at)}.${text.slice(at)}`;
  return digits < 0 ? `-${shown}` : shown;
}

/**
 * A header carries visible ASCII. What is not is percent-encoded, and so is the percent sign: as UTF-8,
 * and in a CloudEvent's attribute spaces and quotes as well, as its HTTP binding says (§3.1.3.2).
 */
function encoded(name: string, value: string): string {
  const others = name.startsWith("ce-") ? /[^\x21-\x7e]|["%]/gu : /[^\x20-\x7e]|%/gu;
  return traceContext.has(name) || name === "content-type"
    ? value.replace(/[^\x20-\x7e]/gu, percent)
    : value.replace(others, percent);
}

function percent(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}
