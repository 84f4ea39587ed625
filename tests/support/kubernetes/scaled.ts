/**
 * Kubernetes counts in whole seconds. Here a second is shorter, so that a rollout takes no minute; what is
 * compared with another (how long endpoints lag, how long a pod still serves) is so by the same factor.
 * What TCP waits before it tries again is not: with `TEST_KUBERNETES_SECOND=1000` all is as long as it is.
 *
 * @module
 */
import process from "node:process";

/** A second of Kubernetes, in milliseconds. */
export const second = Number(process.env["TEST_KUBERNETES_SECOND"] ?? 200);

/** So many seconds of Kubernetes as an option of Hurricane's. */
export function asOption(seconds: number): string {
  return `${seconds * second}ms`;
}
