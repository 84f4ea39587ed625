import type { PodDisruptionBudget } from "./kubernetes.ts";
import { metadata, podLabels } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";

/** How many pods may be away while nodes are drained. */
export function disruptionBudget(options: ManifestOptions): Noted<PodDisruptionBudget> {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadata(options),
    spec: {
      maxUnavailable: note(1, "at a time, while nodes are drained"),
      unhealthyPodEvictionPolicy: note(
        "AlwaysAllow",
        "a pod that is not ready serves nobody, and must not keep a node from being drained",
      ),
      selector: { matchLabels: podLabels(options.name) },
    },
  };
}
