import type { PodMonitor } from "./kubernetes.ts";
import { monitorMetadata, podLabels } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";

/** Has the Prometheus of the Prometheus Operator scrape each pod, ready or not. */
export function podMonitor(
  options: ManifestOptions,
  { port, path }: { port: string; path: string },
): Noted<PodMonitor> {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: note(
      monitorMetadata(options),
      "many a Prometheus takes only what has its label, such as\n" +
        "release: kube-prometheus-stack (--monitor-label)",
    ),
    spec: {
      selector: { matchLabels: podLabels(options.name) },
      podMetricsEndpoints: [{ port, path, interval: note("15s", "how old a queue may look") }],
    },
  };
}
