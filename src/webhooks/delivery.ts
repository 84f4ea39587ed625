/**
 * One webhook on its way to one URL: attempts, pauses, and how it ended.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";
import { version } from "../version.ts";
import type { WebhookEvent } from "./payload.ts";
import { backoff, isRetryable, longestTimer, retryAfter } from "./retry.ts";
import { sign } from "./sign.ts";
import { redactUrl, redactUrls, type WebhookTarget } from "./url.ts";

const log = logger("webhooks");

/** A webhook as it is sent, the same to every URL and in every attempt. */
export interface Message {
  /** The `webhook-id` header, by which a receiver tells a repetition from news. */
  id: string;
  /** What it is about. */
  event: WebhookEvent;
  /** The payload. */
  body: string;
}

/** Is told of each attempt that has failed: why, as the end of a sentence about the receiver. */
export type FailedAttempt = (reason: string) => void;

/** How hard a delivery is tried. */
export interface DeliveryPolicy {
  /** For one attempt, in milliseconds. */
  timeout: number;
  /** Attempts after the first. */
  retries: number;
  /** The first pause, in milliseconds, before jitter. */
  backoffBase: number;
  /** The key to sign with, if webhooks are signed. */
  key?: Uint8Array;
}

/**
 * How a delivery ended: answered with 2xx, given up after a final answer or the last attempt, or
 * dropped because the queue was full or Hurricane stopped.
 */
export type DeliveryOutcome = "delivered" | "failed" | "dropped";

/**
 * Brings a message to a URL, and repeats that until it has arrived, cannot arrive, or was tried
 * often enough. Never rejects.
 *
 * @param abandoned Ends the attempt or the pause that is under way; the outcome is then `dropped`.
 * @param failed Is told of each attempt that was of no use.
 */
export async function deliver(
  message: Message,
  target: WebhookTarget,
  policy: DeliveryPolicy,
  abandoned: AbortSignal,
  failed: FailedAttempt = () => {},
): Promise<DeliveryOutcome> {
  const properties = {
    webhook: `${message.event.type} ${message.event.status}`,
    id: message.id,
    url: target.shown,
  };
  const attempts = policy.retries + 1;
  for (let attempt = 1;; attempt++) {
    const result = await tryOnce(message, target, policy, abandoned);
    if (abandoned.aborted) return "dropped";
    if (result.kind === "delivered") {
      log.debug('webhook "{webhook}" delivered to {url} in attempt {attempt}', {
        ...properties,
        attempt,
      });
      return "delivered";
    }
    const { reason } = result;
    failed(reason);
    if (result.kind === "refused" || attempt >= attempts) {
      log.error(
        'webhook "{webhook}" given up after attempt {attempt} of {attempts}: {url} {reason}',
        {
          ...properties,
          attempt,
          attempts,
          reason,
        },
      );
      return "failed";
    }
    // Both are lower bounds: Retry-After 0 must not turn the retries into a burst.
    const wait = Math.max(backoff(attempt, policy.backoffBase), result.retryAfter ?? 0);
    log.warn(
      'webhook "{webhook}" not delivered in attempt {attempt} of {attempts}: {url} {reason}; the next follows in {wait} ms',
      { ...properties, attempt, attempts, reason, wait },
    );
    await pause(wait, abandoned);
    if (abandoned.aborted) return "dropped";
  }
}

/** How one attempt ended. */
type AttemptResult =
  | { kind: "delivered" }
  | { kind: "refused"; reason: string }
  | { kind: "unavailable"; reason: string; retryAfter?: number };

async function tryOnce(
  message: Message,
  target: WebhookTarget,
  policy: DeliveryPolicy,
  abandoned: AbortSignal,
): Promise<AttemptResult> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let timedOut = false;
  // Not AbortSignal.timeout(): its timer would outlive the attempt, and with it the process.
  const timer = setTimeout(() => {
    timedOut = true;
    abort();
  }, Math.min(policy.timeout, longestTimer));
  abandoned.addEventListener("abort", abort, { once: true });
  try {
    // Loaded here so that a service without webhooks does without it.
    const { ofetch } = await import("ofetch");
    const response = await ofetch.raw(target.href, {
      method: "POST",
      headers: headers(message, target, policy),
      body: message.body,
      redirect: "manual",
      retry: 0,
      ignoreResponseError: true,
      // The status says it all. A body that is not asked for cannot hold up the queue.
      responseType: "stream",
      ...runtime.unreadAnswer,
      signal: controller.signal,
    });
    await discard(response, target);
    return judge(response, target, policy);
  } catch (error) {
    return {
      kind: "unavailable",
      reason: timedOut
        ? `did not answer within ${policy.timeout} ms`
        : `could not be reached: ${redactUrls(innermost(error), target)}`,
    };
  } finally {
    clearTimeout(timer);
    abandoned.removeEventListener("abort", abort);
  }
}

function headers(
  message: Message,
  target: WebhookTarget,
  policy: DeliveryPolicy,
): Record<string, string> {
  const { id, body } = message;
  const timestamp = Math.floor(Date.now() / 1000);
  return {
    "content-type": "application/json",
    "user-agent": `hurricane/${version}`,
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    ...(policy.key && { "webhook-signature": sign({ id, timestamp, body }, policy.key) }),
    ...(target.authorization && { authorization: target.authorization }),
  };
}

/** An unread body would keep its connection. That it breaks off now changes nothing any more. */
async function discard(response: Response, target: WebhookTarget): Promise<void> {
  try {
    await response.body?.cancel();
  } catch (error) {
    log.debug("the answer of {url} broke off: {reason}", {
      url: target.shown,
      reason: redactUrls(innermost(error), target),
    });
  }
}

function judge(
  response: Response,
  target: WebhookTarget,
  { key }: DeliveryPolicy,
): AttemptResult {
  const { status, headers } = response;
  if (response.ok) return { kind: "delivered" };
  if (isRetryable(status)) {
    const wait = retryAfter(headers.get("retry-after"));
    return { kind: "unavailable", reason: `answered ${status}`, retryAfter: wait };
  }
  const location = headers.get("location") ?? "";
  const redirect = location !== "" && URL.canParse(location, target.href)
    ? `, redirecting to ${redactUrl(new URL(location, target.href).href)}, which is not followed`
    : "";
  const unsigned = (status === 401 || status === 403) && key === undefined &&
      target.authorization === undefined
    ? "; it was sent unsigned: no secret is set (HURRICANE_WEBHOOK_SECRET or --webhook-secret)"
    : "";
  return { kind: "refused", reason: `answered ${status}${redirect}${unsigned}` };
}

/** What ofetch and the runtimes wrap around an error says less than the error, and shows the URL. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : innermost(error.cause);
}

async function pause(wait: number, abandoned: AbortSignal): Promise<void> {
  try {
    await sleep(wait, undefined, { signal: abandoned });
  } catch (error) {
    if (!abandoned.aborted) throw error;
  }
}
