/**
 * Kubernetes counts in whole seconds. Here a second is shorter, so that a rollout takes no minute; what is
 * compared with another (how long endpoints lag, how long a pod still serves) is so by the same factor.
 *
 * @module
 */

/** A second of Kubernetes, in milliseconds. */
export const second = 200;

/** So many seconds of Kubernetes as an option of Hurricane's. */
export function asOption(seconds: number): string {
  return `${seconds * second}ms`;
}
