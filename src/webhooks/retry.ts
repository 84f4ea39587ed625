/**
 * Whether a delivery is tried again, and when.
 *
 * @module
 */

/** The first pause, in milliseconds, before jitter. */
export const defaultBackoffBase = 500;

const longestBackoff = 30_000;

/** A receiver that asks for an hour must not hold up a shutdown, nor what waits behind it. */
const longestRetryAfter = 60_000;

/** What a timer can hold, in milliseconds; one set to more fires at once. */
export const longestTimer = 2 ** 31 - 1;

/**
 * Whether an answer is worth another attempt: 408, 425, 429 and every 5xx speak of the moment,
 * everything else of the request.
 */
export function isRetryable(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * The pause after a failed attempt, in milliseconds: doubling, at most 30 s, of which a random
 * half is taken off so that the pods of a service do not come back all at once.
 *
 * @param attempt How many attempts have failed, from 1.
 * @param base The first pause before jitter, in milliseconds.
 */
export function backoff(attempt: number, base: number): number {
  const ceiling = Math.min(base * 2 ** (attempt - 1), longestBackoff);
  return Math.round(ceiling * (0.5 + Math.random() / 2));
}

/**
 * The pause that a `Retry-After` header asks for, in milliseconds from now and at most 60 s.
 * Both forms of RFC 9110, section 10.2.3: seconds, and an HTTP date.
 *
 * @returns `undefined` where there is no such header, or one that is neither.
 */
export function retryAfter(header: string | null): number | undefined {
  const text = header?.trim() ?? "";
  const wait = /^\d+$/.test(text)
    ? Number(text) * 1000
    : text.endsWith("GMT")
    ? Date.parse(text) - Date.now()
    : NaN;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), longestRetryAfter);
}
