/**
 * Kubernetes counts in whole seconds. Here a second is shorter, so that a rollout takes no minute. What a
 * busy machine delays (answers, timers) and what TCP waits before it tries again are not shorter by that,
 * so a pod has more time to answer and to leave than its share. Whether the time that it has in a cluster
 * is enough is for `TEST_KUBERNETES_SECOND=1000` to say: then all is as long as it is.
 *
 * @module
 */
import process from "node:process";

/** A second of Kubernetes, in milliseconds. */
export const second = Number(process.env["TEST_KUBERNETES_SECOND"] ?? 200);

/** How often a second is in one of Kubernetes. */
const factor = 1000 / second;

/** How long a probe may take, in milliseconds. */
export function probeTimeout(timeoutSeconds: number): number {
  return timeoutSeconds * 1000 * factor;
}

/** How long a pod serves on that is stopped, in milliseconds: up to three times its share. */
export function shutdownDelay(delay: number): number {
  return delay / factor * Math.min(factor, 3);
}
