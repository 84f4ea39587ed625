/**
 * How a message waits for its next try: in a queue beside its own, out of which the broker puts it
 * back when its time is over.
 *
 * So it blocks nobody behind it, survives whatever happens to this process, and takes no place among
 * the unacknowledged ones. A queue is in order of arrival and a message in it expires only when it
 * has come to the head, so there is one for each pause.
 *
 * @module
 */
import type { ConsumeMessage, Options } from "amqplib";

/** The pauses before each further try, in seconds; the last one is that of all that follow. */
const pauses = [1, 4, 16, 64, 256] as const;

/** Headers of Hurricane's own, in a message that was put back. */
const names = {
  retries: "x-hurricane-retries",
  exchange: "x-hurricane-exchange",
  routingKey: "x-hurricane-routing-key",
} as const;

/** A quorum queue's count of the times that it has given the message to a consumer before. */
const deliveryCount = "x-delivery-count";

/**
 * Headers that must not be published anew: to `CC` and `BCC` the broker would send it once more, and
 * the count begins again.
 */
const dropped: ReadonlySet<string> = new Set(["CC", "BCC", deliveryCount]);

/** The queue in which messages wait before a try: `jobs.hurricane-retry.4s`. */
export interface RetryQueue {
  name: string;
  options: Options.AssertQueue;
}

/** The pause before the nth further try (from 1 on), in seconds. */
export function pauseBefore(retry: number): number {
  return pauses[Math.min(retry, pauses.length) - 1] ?? pauses[0];
}

/** The name of the queue in which messages wait before their nth further try. */
export function retryQueueName(queue: string, retry: number): string {
  return `${queue}.hurricane-retry.${pauseBefore(retry)}s`;
}

/** The queues that messages of a queue may have to wait in, with up to so many further tries. */
export function retryQueues(queue: string, retries: number): RetryQueue[] {
  return pauses.slice(0, retries).map((seconds, index) => ({
    name: retryQueueName(queue, index + 1),
    options: {
      durable: true,
      arguments: {
        // Of all kinds only this one keeps a message until the queue that it goes to has it.
        "x-queue-type": "quorum",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-message-ttl": seconds * 1000,
      },
    },
  }));
}

/** How often a message has been tried before. */
export function retriesOf(message: ConsumeMessage): number {
  const { headers = {} } = message.properties;
  return count(headers[names.retries]) + count(headers[deliveryCount]);
}

/** Where a message was published to, before it was ever put back. */
export function originOf(message: ConsumeMessage): { exchange: string; routingKey: string } {
  const { headers = {} } = message.properties;
  const { exchange, routingKey } = message.fields;
  return {
    exchange: text(headers[names.exchange]) ?? exchange,
    routingKey: text(headers[names.routingKey]) ?? routingKey,
  };
}

/** Is this a header that tells the handler nothing, or tells it what another one does? */
export function isOwnHeader(name: string): boolean {
  return Object.values<string>(names).includes(name) || name === deliveryCount;
}

/**
 * What a message is published with to wait for its nth further try: its own properties, but for those
 * that would not let it come back.
 *
 * - `expiration` would have it come back too early;
 * - of `user-id` the broker takes none but that of this connection.
 */
export function publishedAgain(
  { queue }: { queue: string },
  message: ConsumeMessage,
  retry: number,
): Options.Publish {
  const { headers = {}, expiration: _, userId: __, clusterId: ___, ...kept } = message.properties;
  const { exchange, routingKey } = originOf(message);
  return {
    ...kept,
    mandatory: true,
    headers: {
      ...withoutWaiting(queue, headers),
      [names.retries]: retry,
      [names.exchange]: exchange,
      [names.routingKey]: routingKey,
    },
  };
}

/** The headers without what the broker has added because the message has waited. */
export function withoutWaiting(queue: string, headers: object): Record<string, unknown> {
  const waited = (name: unknown): boolean =>
    typeof name === "string" && name.startsWith(`${queue}.hurricane-retry.`);
  const kept = Object.entries(headers).filter(([name]) => !dropped.has(name));
  const found = Object.fromEntries(kept);
  const deaths: unknown = found["x-death"];
  if (Array.isArray(deaths)) {
    const others = deaths.filter((death) => !waited(Object(death).queue));
    if (others.length > 0) found["x-death"] = others;
    else delete found["x-death"];
  }
  if (waited(found["x-first-death-queue"])) {
    for (const part of ["queue", "reason", "exchange"]) delete found[`x-first-death-${part}`];
  }
  return found;
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : 0;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
