import type { ServiceOptions } from "../options/service_options.ts";
import { container, tmp } from "./container.ts";
import type { Deployment, PodSpec } from "./kubernetes.ts";
import { metadata, podLabels } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { privilegedPort } from "./ports.ts";
import { inWords, wholeSeconds } from "./time.ts";
import { tlsVolumes } from "./tls.ts";

/** The user of images without root, such as distroless ones: `nonroot`. */
const nonroot = 65532;

/** What `onShutdown` gets at least, in milliseconds. */
const leastForShutdown = 5000;

/** What the kubelet and the runtime need between the last line of the log and the end. */
const spare = 5000;

/** How long a Deployment may make no progress before it counts as failed, unless it says so. */
const defaultProgressDeadline = 600;

/** How long endpoints take to be known everywhere, and a crash at the first requests, in seconds. */
const leastReady = 5;

/** The pods. */
export function deployment(options: ManifestOptions): Noted<Deployment> {
  const { name, replicas, autoscale, startupTimeout } = options;
  const matchLabels = podLabels(name);
  const progress = wholeSeconds(2 * startupTimeout);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(options),
    spec: {
      // KEDA's to say: a number here would undo its own with each kubectl apply.
      replicas: autoscale === undefined
        ? note(replicas, "two or more: one can be away while a node is drained")
        : undefined,
      minReadySeconds: note(
        leastReady,
        "before it counts: until proxies know of a new pod, and it has not crashed at once, the old\n" +
          "one stays",
      ),
      progressDeadlineSeconds: progress <= defaultProgressDeadline
        ? undefined
        : note(progress, "so that a slow start does not count as a failed rollout"),
      selector: { matchLabels },
      template: { metadata: { labels: matchLabels }, spec: podSpec(options) },
    },
  };
}

function podSpec(options: ManifestOptions): Noted<PodSpec> {
  const { name, service, tmpSize } = options;
  return {
    terminationGracePeriodSeconds: gracePeriod(service),
    automountServiceAccountToken: note(false, "true if the handler calls the Kubernetes API"),
    enableServiceLinks: note(false, "keeps out variables such as HURRICANE_PORT of other Services"),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: note(nonroot, '"nonroot" in distroless images'),
      runAsGroup: nonroot,
      seccompProfile: { type: "RuntimeDefault" },
      sysctls: sysctls(service),
    },
    topologySpreadConstraints: [{
      maxSkew: 1,
      topologyKey: note("kubernetes.io/hostname", "or topology.kubernetes.io/zone"),
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: podLabels(name) },
      matchLabelKeys: note(
        ["pod-template-hash"],
        "during a rollout, the new pods are spread among themselves",
      ),
    }],
    containers: [container(options)],
    volumes: [{
      name: tmp,
      emptyDir: {
        sizeLimit: note(
          tmpSize,
          "the only place to write to, empty in each new pod; a pod that writes more is evicted\n" +
            "at once, without a drain (--tmp-size)",
        ),
      },
    }, ...tlsVolumes(options)],
  };
}

/** What a shutdown takes at most, see `Service`: delay, requests, `onShutdown`, webhooks. */
function gracePeriod(service: ServiceOptions): Noted<number> {
  const { shutdownDelay, shutdownTimeout, webhookTimeout } = service;
  const parts = [
    `${inWords(shutdownDelay)} shutdown delay`,
    `${inWords(shutdownTimeout)} shutdown timeout`,
    `${inWords(leastForShutdown)} onShutdown`,
    `${inWords(webhookTimeout)} webhooks`,
    `${inWords(spare)} to spare`,
  ];
  return note(
    wholeSeconds(shutdownDelay + shutdownTimeout + leastForShutdown + webhookTimeout + spare),
    parts.join(" + "),
  );
}

/**
 * Lets a process without privileges listen below 1024. Kubernetes counts this sysctl among the safe
 * ones since 1.22 (https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/).
 */
function sysctls(service: ServiceOptions): Noted<PodSpec["securityContext"]["sysctls"]> {
  const lowest = privilegedPort(service);
  if (lowest === undefined) return undefined;
  return note(
    [{ name: "net.ipv4.ip_unprivileged_port_start", value: String(lowest) }],
    `for port ${lowest} without root; a port above 1023 does not need this`,
  );
}
