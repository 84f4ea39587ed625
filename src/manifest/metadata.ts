import type { Metadata } from "./kubernetes.ts";
import { parseLabel } from "./label.ts";
import type { ManifestOptions } from "./options.ts";

/** The label by which everything finds the pods. A Deployment's selector can never be changed. */
export function podLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}

/** `kubectl`, in the namespace of the manifest. Helps whoever types what a comment shows. */
export function kubectlIn(namespace: string | undefined): string {
  return namespace === undefined ? "kubectl" : `kubectl --namespace ${namespace}`;
}

/** What all resources of a manifest are called. */
export function metadata({ name, namespace }: ManifestOptions): Metadata {
  return { name, namespace, labels: podLabels(name) };
}

/** What a resource for the Prometheus Operator is called: a Prometheus may look for labels. */
export function monitorMetadata(options: ManifestOptions): Metadata {
  const given = options.monitorLabel.map(parseLabel);
  const { labels, ...called } = metadata(options);
  return {
    ...called,
    labels: { ...Object.fromEntries(given.map(({ key, value }) => [key, value])), ...labels },
  };
}
