/**
 * Webhooks between real receivers, ready to be tested.
 *
 * @module
 */
import {
  type DeliveryOutcome,
  type ProbeType,
  type WebhookEvent,
  type WebhookOptions,
  Webhooks,
} from "../../src/webhooks/webhooks.ts";
import { type Answer, Receiver } from "./receiver.ts";

/** The webhook of a service that is up. */
export const started: WebhookEvent = { status: "succeeded", type: "startup" };

/** An event that can be told from others. */
export function numbered(number: number): WebhookEvent {
  return { status: "failed", type: "readiness", errorTrace: String(number) };
}

/** The numbers of what has arrived, in order. */
export function numbers(receiver: Receiver): number[] {
  return receiver.payloads.map((payload) => Number(payload["error_trace"]));
}

/** Webhooks to the URLs, with pauses too short to wait for, and what became of them. */
export function setUp(
  webhookUrl: string[],
  options: Partial<WebhookOptions> = {},
): { webhooks: Webhooks; outcomes: [ProbeType, DeliveryOutcome][] } {
  const outcomes: [ProbeType, DeliveryOutcome][] = [];
  const webhooks = new Webhooks(
    { webhookUrl, webhookTimeout: 30_000, webhookRetries: 5, ...options },
    (type, outcome) => outcomes.push([type, outcome]),
    { backoffBase: 1 },
  );
  return { webhooks, outcomes };
}

/** Runs the test with a receiver for each answer, and closes them. */
export async function withReceivers(
  answers: Answer[],
  use: (...receivers: Receiver[]) => Promise<void>,
): Promise<void> {
  const receivers = await Promise.all(answers.map((answer) => Receiver.start(answer)));
  try {
    await use(...receivers);
  } finally {
    await Promise.all(receivers.map((receiver) => receiver.close()));
  }
}
