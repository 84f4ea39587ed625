import type { Metadata } from "./kubernetes.ts";
import type { ManifestOptions } from "./options.ts";

/** The label by which everything finds the pods. A Deployment's selector can never be changed. */
export function podLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}

/** What all resources of a manifest are called. */
export function metadata({ name, namespace }: ManifestOptions): Metadata {
  return { name, namespace, labels: podLabels(name) };
}
