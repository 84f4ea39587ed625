import { parseSubscription } from "../amqp/subscription.ts";
import type { ScaledObject } from "./kubernetes.ts";
import { metadata } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { triggerAuthentication } from "./trigger_authentication.ts";

type Trigger = ScaledObject["spec"]["triggers"][number];

/**
 * The longest name of a Deployment whose pods can be told from those of another by their names.
 *
 * A pod is called `<deployment>-<hash>-<5 characters>`, the hash having up to 10, and Kubernetes
 * cuts what stands before the last five characters to 58.
 */
export const longestScaledName = 46;

/** So many times what is in a pod's handler may wait for it at the broker. */
const backlog = 10;

/**
 * Lets KEDA choose the number of pods by the length of the request queue, by both parts of it, and by
 * what waits at the broker.
 */
export function scaledObject(
  options: ManifestOptions,
  { min, max }: { min: number; max: number },
): Noted<ScaledObject> {
  const { name, namespace, prometheusUrl, monitor, service: { reqQueueLen } } = options;
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: metadata(options),
    spec: {
      scaleTargetRef: {
        name: note(
          name,
          "kustomize's namePrefix and nameSuffix do not reach the names in the queries, and this one\n" +
            "only in what --kustomize writes: give a manifest another --name",
        ),
      },
      minReplicaCount: note(min, "not 0: without a pod there is no queue that could grow"),
      maxReplicaCount: max,
      pollingInterval: note(15, "seconds; Prometheus should scrape at least as often"),
      triggers: [
        trigger(
          note(prometheusUrl, "your Prometheus (--prometheus-url)"),
          note(`sum(${queue("handler", name, namespace)})`, queryComment(monitor, namespace)),
          note(
            String(part(reqQueueLen, 2)),
            `requests that a pod has not answered; above ${reqQueueLen} it gets no more of them`,
          ),
        ),
        trigger(
          prometheusUrl,
          `sum(avg_over_time(${queue("kernel", name, namespace)}[1m]))`,
          note(
            String(part(reqQueueLen, 10)),
            "requests that wait for the event loop of a pod, for a minute: it lacks CPU",
          ),
        ),
        ...queueTriggers(options),
      ],
    },
  };
}

function trigger(
  serverAddress: Noted<string>,
  query: Noted<string>,
  threshold: Noted<string>,
): Noted<Trigger> {
  const kept = "no answer is not an empty queue: keep the pods there are";
  const ignoreNullValues = note<"false">("false", kept);
  return { type: "prometheus", metadata: { serverAddress, query, threshold, ignoreNullValues } };
}

/** One for each queue that messages are taken from. Messages that are in a handler do not count. */
function queueTriggers(options: ManifestOptions): Noted<Trigger>[] {
  const { amqpUrl: host, amqpQueue, amqpPrefetch } = options.service;
  if (host === undefined) return [];
  const authentication = triggerAuthentication(options);
  return amqpQueue.map((text): Noted<Trigger> => ({
    type: "rabbitmq",
    metadata: {
      protocol: "amqp",
      queueName: parseSubscription(text).queue,
      mode: "QueueLength",
      value: note(String(backlog * amqpPrefetch), "messages that may wait for each pod"),
      ...(authentication === undefined ? { host } : {}),
    },
    ...(authentication === undefined
      ? {}
      : { authenticationRef: { name: authentication.metadata.name } }),
  }));
}

/** Over the pods of the Deployment: the others' names have more or fewer parts, or other ones. */
function queue(part: "handler" | "kernel", name: string, namespace: string | undefined): string {
  const where = namespace === undefined ? "" : `namespace="${namespace}",`;
  const pods = `${name}-[a-z0-9]+-[a-z0-9]{5}`;
  return `hurricane_request_queue_length{part="${part}",${where}pod=~"${pods}"}`;
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

/** A part of the queue at which a pod is taken out of the Service: new pods take time to start. */
function part(reqQueueLen: number, divisor: number): number {
  return Math.max(1, Math.floor(reqQueueLen / divisor));
}
