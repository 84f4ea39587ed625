import { kubectlIn } from "./metadata.ts";
import type { ManifestOptions } from "./options.ts";
import { bytes } from "./quantity.ts";
import { leastMemory, workersInWords } from "./resources.ts";

/**
 * How long it may take until whatever sends requests to a pod has heard that it ends, in milliseconds: two
 * readiness probes, and proxies that are told of their answer.
 */
const heardAfter = 4000;

/** What is allowed, and is probably not meant: a sentence each. */
export function manifestWarnings(
  options: ManifestOptions,
): string[] {
  const { name, namespace, service, replicas, autoscale, noService, memory } = options;
  const least = leastMemory(options);
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
        `${kubectlIn(namespace)} scale deployment ${name} --replicas 2`,
      ]
      : [],
    ...memory !== undefined && (bytes(memory) ?? 0) < least * 2 ** 20
      ? [
        `with --memory ${memory} the kernel may kill the container: the supervisor, ${
          workersInWords(service.workers)
        }, and another one while one is replaced, take ${least}Mi and more`,
      ]
      : [],
    ...service.webhookUrl.length > 0 && service.webhookSecret === undefined
      ? [
        "with --webhook-url alone webhooks are not signed, and a receiver cannot tell who sends them: " +
        "give --webhook-secret, or --secret-env HURRICANE_WEBHOOK_SECRET=SECRET/KEY",
      ]
      : [],
  ];
}
