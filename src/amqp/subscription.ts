/** A queue, and where its messages go. */
export interface Subscription {
  queue: string;
  /** The path of the requests that are made of its messages. */
  path: string;
}

/** What `retry.ts` adds has up to 21 bytes, and all of it 255. */
const longestName = 234;

/**
 * What `--amqp-queue` says: `NAME`, whose messages go to `/NAME`, or `NAME=/path`.
 *
 * @throws {Error} what is wrong with it
 *
 * @example
 * ```ts
 * import { parseSubscription } from "./subscription.ts";
 *
 * console.assert(parseSubscription("jobs").path === "/jobs");
 * console.assert(parseSubscription("jobs=/work/do").path === "/work/do");
 * ```
 */
export function parseSubscription(text: string): Subscription {
  const split = text.lastIndexOf("=/");
  const queue = split < 0 ? text : text.slice(0, split);
  // AMQP 0-9-1 §4.2.5.3: a short string, and that of the queue in which messages wait is the longer one.
  const length = new TextEncoder().encode(queue).length;
  if (length === 0 || length > longestName) {
    throw new Error(
      `a queue's name has 1 to ${longestName} bytes, for those are called after it in which messages wait ` +
        "for a retry",
    );
  }
  if (split < 0) return { queue, path: `/${encodeURIComponent(queue)}` };
  const path = text.slice(split + 1);
  const url = `http://host${path}`;
  const plain = URL.canParse(url) && new URL(url).pathname === path;
  if (!plain) throw new Error(`the path ${path} is none without spaces, query and fragment`);
  return { queue, path };
}
