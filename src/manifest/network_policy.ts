import type { NetworkPolicy } from "./kubernetes.ts";
import { metadata, podLabels } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { handlerPortName } from "./ports.ts";

/** Each namespace has its own name as this label since Kubernetes 1.22. */
const namespaceLabel = "kubernetes.io/metadata.name";

/**
 * Lets everybody reach the handler, where anybody shall call it, and only Prometheus and the kubelet the
 * probes and the metrics.
 */
export function networkPolicy(
  options: ManifestOptions,
  probePort: string,
): Noted<NetworkPolicy> {
  const { name, noService, prometheusNamespace, service } = options;
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(options),
    spec: {
      podSelector: { matchLabels: podLabels(name) },
      policyTypes: ["Ingress"],
      ingress: [
        ...(noService ? [] : [note(
          { ports: [{ port: handlerPortName(service) }] },
          'from everywhere; add a "from" if only an ingress calls the handler',
        )]),
        ...(service.metrics === false ? [] : [{
          from: [{
            namespaceSelector: {
              matchLabels: note(
                { [namespaceLabel]: prometheusNamespace },
                "the namespace of your Prometheus (--prometheus-namespace), for the metrics",
              ),
            },
          }],
          ports: note(
            [{ port: probePort }],
            "a kubelet reaches the pods of its own node anyway, so probes need no rule",
          ),
        }]),
      ],
    },
  };
}
