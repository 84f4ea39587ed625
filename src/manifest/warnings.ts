import type { ManifestOptions } from "./options.ts";

/**
 * How long it may take until whatever sends requests to a pod has heard that it ends, in milliseconds: two
 * readiness probes, and proxies that are told of their answer.
 */
const heardAfter = 4000;

/** What is allowed, and is probably not meant: a sentence each. */
export function manifestWarnings(
  { name, service, replicas, autoscale, noService }: ManifestOptions,
): string[] {
  return [
    ...service.shutdownDelay < heardAfter && !noService
      ? [
        `with --shutdown-delay ${
          service.shutdownDelay / 1000
        }s each rollout loses requests: that a ` +
        `pod ends is heard up to ${heardAfter / 1000} s later, and until then it gets some; give ` +
        `${heardAfter / 1000}s or more`,
      ]
      : [],
    ...replicas === 0 && autoscale === undefined
      ? [
        "with --replicas 0 no pod runs, and nobody is served until: " +
        `kubectl scale deployment ${name} --replicas 2`,
      ]
      : [],
  ];
}
