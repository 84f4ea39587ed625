import { clearTimeout, Promise, setTimeout } from "./natives.ts";

/** What {@linkcode within} resolves with when time is up. */
export const expired: unique symbol = Symbol("expired");

/**
 * The promise's result, or {@linkcode expired} after `timeout` milliseconds. Rejects as the promise
 * does. What the promise stands for goes on; a later rejection of it is not unhandled.
 *
 * @example
 * ```ts
 * import { expired, within } from "./within.ts";
 *
 * const result = await within(10, new Promise<void>(() => {}));
 * console.assert(result === expired);
 * ```
 */
export async function within<T>(timeout: number, promise: Promise<T>): Promise<T | typeof expired> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<typeof expired>((resolve) => {
    // A longer timer would fire at once.
    timer = setTimeout(() => resolve(expired), Math.min(timeout, 2 ** 31 - 1));
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
