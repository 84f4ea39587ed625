import type { SessionOptions } from "../../amqp/session.ts";
import { parseSubscription } from "../../amqp/subscription.ts";
import type { ServiceOptions } from "../../options/service_options.ts";

/** What a session with the broker needs to know of a service's options. */
export function sessionOptions(url: string, options: ServiceOptions): SessionOptions {
  const { amqpQueue, amqpPrefetch: prefetch, amqpRetries: retries } = options;
  return { url, subscriptions: amqpQueue.map(parseSubscription), prefetch, retries };
}
