import type { ScaledObject } from "./kubernetes.ts";
import { metadata } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";

/**
 * The longest name of a Deployment whose pods can be told from those of another by their names.
 *
 * A pod is called `<deployment>-<hash>-<5 characters>`, the hash having up to 10, and Kubernetes
 * cuts what stands before the last five characters to 58.
 */
export const longestScaledName = 46;

/** Lets KEDA choose the number of pods by the length of the request queue. */
export function scaledObject(
  options: ManifestOptions,
  { min, max }: { min: number; max: number },
): Noted<ScaledObject> {
  const { name, namespace, prometheusUrl, monitor, service } = options;
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: metadata(options),
    spec: {
      scaleTargetRef: { name },
      minReplicaCount: note(min, "not 0: without a pod there is no queue that could grow"),
      maxReplicaCount: max,
      pollingInterval: note(15, "seconds; Prometheus should scrape at least as often"),
      triggers: [{
        type: "prometheus",
        metadata: {
          serverAddress: note(prometheusUrl, "your Prometheus (--prometheus-url)"),
          query: note(query(name, namespace), queryComment(monitor, namespace)),
          threshold: note(
            String(threshold(service.reqQueueLen)),
            `requests in the queue of a pod; above ${service.reqQueueLen} it gets no more of them`,
          ),
          ignoreNullValues: note(
            "false",
            "no answer is not an empty queue: keep the pods there are",
          ),
        },
      }],
    },
  };
}

/** Over the pods of the Deployment: the others' names have more or fewer parts, or other ones. */
function query(name: string, namespace: string | undefined): string {
  const where = namespace === undefined ? "" : `namespace="${namespace}",`;
  return `sum(hurricane_request_queue_length{${where}pod=~"${name}-[a-z0-9]+-[a-z0-9]{5}"})`;
}

function queryComment(monitor: boolean, namespace: string | undefined): string {
  const lines = ["over all pods; KEDA divides by their number"];
  if (!monitor) {
    lines.push(
      'the labels "pod" and "namespace" come from the scrape (--monitor makes a PodMonitor)',
    );
  }
  if (namespace === undefined) {
    lines.push('add namespace="…" if another namespace has a Deployment of this name');
  }
  return lines.join("\n");
}

/** Half of the queue at which a pod is taken out of the Service: new pods take time to start. */
function threshold(reqQueueLen: number): number {
  return Math.max(1, Math.floor(reqQueueLen / 2));
}
