/**
 * The webhooks that wait for one URL: in order, one at a time, not more than a hundred.
 *
 * @module
 */
import { logger } from "../log.ts";
import { deliver, type DeliveryOutcome, type DeliveryPolicy, type Message } from "./delivery.ts";
import type { WebhookTarget } from "./url.ts";

const log = logger("webhooks");

/** A receiver that is down for days must not fill the memory of the service that it watches. */
export const longestQueue = 100;

/**
 * A URL's deliveries, strictly in the order in which they were pushed: the next one starts when the
 * one before has arrived or is given up, for a receiver that sees `failed` after `succeeded` must be
 * able to take that for the state of things.
 */
export class DeliveryQueue {
  /** How many have ended, and how. */
  readonly ended: Record<DeliveryOutcome, number> = { delivered: 0, failed: 0, dropped: 0 };
  /** Why the last attempt was of no use; `undefined` once one has arrived. */
  trouble: { time: number; reason: string } | undefined;
  readonly #target: WebhookTarget;
  readonly #policy: DeliveryPolicy;
  readonly #onOutcome: (message: Message, outcome: DeliveryOutcome) => void;
  #waiting: Message[] = [];
  #current: { message: Message; controller: AbortController } | undefined;
  #running: Promise<void> | undefined;

  constructor(
    target: WebhookTarget,
    policy: DeliveryPolicy,
    onOutcome: (message: Message, outcome: DeliveryOutcome) => void,
  ) {
    this.#target = target;
    this.#policy = policy;
    this.#onOutcome = onOutcome;
  }

  /** Who gets them: its URL, without what is secret. */
  get url(): string {
    return this.#target.shown;
  }

  /** How many have not ended: those that wait and the one under way. */
  get pending(): number {
    return this.#waiting.length + (this.#current === undefined ? 0 : 1);
  }

  /** Puts a message at the end. A full queue drops the oldest that waits: the news matter more. */
  push(message: Message): void {
    if (this.pending >= longestQueue) {
      const oldest = this.#waiting.shift();
      if (oldest !== undefined) this.#drop(oldest);
    }
    this.#waiting.push(message);
    this.#running ??= this.#run();
  }

  /** Resolves when everything that was pushed has ended. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /**
   * Gives up all that is pending, and aborts the attempt that is under way.
   *
   * @returns How many were given up.
   */
  abandon(): number {
    const messages = this.#current === undefined
      ? this.#waiting
      : [this.#current.message, ...this.#waiting];
    this.#current?.controller.abort();
    this.#current = undefined;
    this.#waiting = [];
    for (const message of messages) this.#end(message, "dropped");
    if (messages.length > 0) {
      log.error("undelivered webhooks to {url} are given up: {count}", {
        count: messages.length,
        url: this.#target.shown,
      });
    }
    return messages.length;
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const controller = new AbortController();
      this.#current = { message: next, controller };
      const failed = (reason: string): void => void (this.trouble = { time: Date.now(), reason });
      const { signal } = controller;
      const outcome = await deliver(next, this.#target, this.#policy, signal, failed);
      // What was abandoned has been reported, and counts no more.
      if (controller.signal.aborted) continue;
      this.#current = undefined;
      if (outcome === "delivered") this.trouble = undefined;
      this.#end(next, outcome);
    }
    this.#running = undefined;
  }

  #end(message: Message, outcome: DeliveryOutcome): void {
    this.ended[outcome]++;
    this.#onOutcome(message, outcome);
  }

  #drop(message: Message): void {
    log.error("webhook {webhook} dropped: {count} are waiting for {url}, the most that are kept", {
      webhook: `${message.event.type} ${message.event.status}`,
      id: message.id,
      count: longestQueue,
      url: this.#target.shown,
    });
    this.#end(message, "dropped");
  }
}
