/**
 * Webhooks: what the probes find out, told to those who want to know.
 *
 * @module
 */
import process from "node:process";
import type { ServiceOptions } from "../options/service_options.ts";
import type { DeliveryOutcome, DeliveryPolicy, Message } from "./delivery.ts";
import {
  createPayload,
  type ProbeType,
  type Sender,
  senderOf,
  type WebhookEvent,
} from "./payload.ts";
import { DeliveryQueue } from "./queue.ts";
import { defaultBackoffBase, longestTimer } from "./retry.ts";
import { parseWebhookSecret } from "./sign.ts";
import { parseWebhookUrl } from "./url.ts";

export type { DeliveryOutcome, ProbeType, WebhookEvent };

/** The options of a service for its webhooks. */
export type WebhookOptions = Pick<
  ServiceOptions,
  "webhookUrl" | "webhookSecret" | "webhookTimeout" | "webhookRetries" | "appVersion"
>;

/** What is not an option of the command line. */
export interface WebhookTuning {
  /** The first pause between attempts, in milliseconds before jitter. Default 500. */
  backoffBase?: number;
}

/**
 * Sends webhooks in the background.
 *
 * Each URL has a queue of its own, so that a receiver that hangs delays nobody else's.
 *
 * @example
 * ```ts
 * import { Webhooks } from "./webhooks.ts";
 *
 * const webhooks = new Webhooks({
 *   webhookUrl: ["http://ops/hook"],
 *   webhookTimeout: 5000,
 *   webhookRetries: 5,
 * });
 * webhooks.send({ status: "succeeded", type: "startup" });
 * await webhooks.flush(10_000);
 * ```
 */
export class Webhooks {
  readonly #queues: DeliveryQueue[];
  readonly #sender: Sender;

  /**
   * @param onOutcome Called once for each event and URL, when that delivery has ended.
   * @throws {Error} If a URL is not one, or the secret is not as Standard Webhooks want it.
   */
  constructor(
    options: WebhookOptions,
    onOutcome: (type: ProbeType, outcome: DeliveryOutcome) => void = () => {},
    tuning: WebhookTuning = {},
  ) {
    const policy: DeliveryPolicy = {
      timeout: options.webhookTimeout,
      retries: options.webhookRetries,
      backoffBase: tuning.backoffBase ?? defaultBackoffBase,
      key: options.webhookSecret === undefined
        ? undefined
        : parseWebhookSecret(options.webhookSecret),
    };
    this.#sender = senderOf(options.appVersion, process.env);
    this.#queues = options.webhookUrl.map((url) =>
      new DeliveryQueue(
        parseWebhookUrl(url),
        policy,
        (message, outcome) => onOutcome(message.event.type, outcome),
      )
    );
  }

  /** Each receiver, with what has become of its webhooks so far. */
  get receivers(): Pick<DeliveryQueue, "url" | "pending" | "ended" | "trouble">[] {
    return this.#queues;
  }

  /** Sends an event to each URL. Returns at once and never throws. */
  send(event: WebhookEvent): void {
    if (this.#queues.length === 0) return;
    const message: Message = {
      id: `msg_${crypto.randomUUID()}`,
      event,
      body: JSON.stringify(createPayload(event, this.#sender)),
    };
    for (const queue of this.#queues) queue.push(message);
  }

  /**
   * Waits until every delivery has ended, by arrival or after the last retry.
   *
   * @param timeout How long, in milliseconds; what is pending then is abandoned: the attempts under
   * way are aborted, and no timer or connection is left that keeps the process alive. Without it,
   * as long as it takes.
   * @returns How many deliveries were abandoned.
   */
  async flush(timeout?: number): Promise<number> {
    const idle = this.#idle();
    if (timeout === undefined) {
      await idle;
      return 0;
    }
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, Math.min(timeout, longestTimer));
    await Promise.race([idle, late.promise]);
    clearTimeout(timer);
    return this.#queues.reduce((count, queue) => count + queue.abandon(), 0);
  }

  /** A queue that has become empty may fill again while another is waited for. */
  async #idle(): Promise<void> {
    while (this.#queues.some((queue) => queue.pending > 0)) {
      await Promise.all(this.#queues.map((queue) => queue.idle()));
    }
  }
}
