import { redactUrl } from "../../webhooks/url.ts";
import {
  cpuQuantity,
  gatewayReference,
  hostName,
  image,
  label,
  memoryQuantity,
  namespaceName,
  podCount,
  podRange,
  prometheusUrl,
  resourceName,
  secretVariable,
  variable,
} from "./manifest_values.ts";
import { type Flag, flagsOf } from "../../options/option.ts";
import { type Declaration, optionsOf } from "../../options/table.ts";
import { file, list, timeLimit, toggle } from "../../options/values.ts";

/** The options that `hurricane manifest` has besides those of `serve`. */
export const manifestTable = {
  image: {
    kind: image,
    group: "Manifest",
    value: "IMAGE",
    help: "The container image. Required.",
  },
  name: {
    kind: resourceName,
    group: "Manifest",
    value: "NAME",
    help: "What everything in the manifest is called.",
    default: "the image's",
  },
  namespace: {
    kind: namespaceName,
    group: "Manifest",
    value: "NAME",
    help: "Where it belongs.",
    default: "that of whoever applies it",
  },
  replicas: {
    kind: podCount,
    initial: "2",
    group: "Manifest",
    value: "NUMBER",
    help: "How many pods.",
  },
  cpu: {
    kind: cpuQuantity,
    group: "Manifest",
    value: "CPUS",
    help: "How much CPU a pod asks for.",
    default: "100m a worker, or the --cpu-limit where that is less",
  },
  cpuLimit: {
    kind: cpuQuantity,
    group: "Manifest",
    value: "CPUS",
    help: "How much CPU a pod may use. --workers auto is as many as that, and needs it.",
    default: "none",
  },
  memory: {
    kind: memoryQuantity,
    group: "Manifest",
    value: "MEMORY",
    help: "How much memory a pod asks for, and may use.",
    default: "a guess, by --workers and --max-memory",
  },
  tmpSize: {
    kind: memoryQuantity,
    initial: "64Mi",
    group: "Manifest",
    value: "MEMORY",
    help: "How much a pod may write to /tmp before it is evicted.",
  },
  noService: {
    kind: toggle,
    initial: false,
    group: "Manifest",
    help: "No Service: nobody calls the pods, as where all that they do comes from a queue. With " +
      "--amqp-url they run consume.",
  },
  route: {
    kind: hostName,
    group: "Manifest",
    value: "HOST",
    help: "An HTTPRoute of the Gateway API: what comes for this host goes to the pods. Needs " +
      "--gateway.",
    default: "none",
  },
  ingress: {
    kind: hostName,
    group: "Manifest",
    value: "HOST",
    help: "An Ingress: what comes for this host goes to the pods.",
    default: "none",
  },
  gateway: {
    kind: gatewayReference,
    group: "Manifest",
    value: "[NAMESPACE/]NAME",
    help: "The Gateway that the --route is attached to.",
  },
  networkPolicy: {
    kind: toggle,
    initial: false,
    group: "Manifest",
    help: "A NetworkPolicy that lets only Prometheus and the kubelet reach probes and metrics.",
    needs: "probe",
  },
  prometheusNamespace: {
    kind: namespaceName,
    initial: "monitoring",
    group: "Manifest",
    value: "NAME",
    help: "The namespace of that Prometheus.",
  },
  env: {
    kind: list(variable),
    initial: [],
    group: "Manifest",
    value: "NAME=VALUE",
    help: "A variable for the handler and the commands.",
    repeatable: true,
    show: (given) => given.replace(/=.*$/s, "=***"),
  },
  secretEnv: {
    kind: list(secretVariable),
    initial: [],
    group: "Manifest",
    value: "NAME=SECRET/KEY",
    help: "A variable whose value is in a Secret: the handler's, or that of an option which is " +
      "secret.",
    repeatable: true,
  },
  kustomize: {
    kind: file,
    group: "Manifest",
    value: "DIR",
    help: "Write it to this directory, as a base for kustomize: a file for each resource.",
    default: "standard output",
  },
  startupTimeout: {
    kind: timeLimit,
    group: "Manifest",
    value: "DURATION",
    help: "How long a pod may take to start before it is restarted, commands included.",
    default: "5m, or 1m more than --command-timeout gives all commands",
    needs: "probe",
  },
  autoscale: {
    kind: podRange,
    group: "Scaling and monitoring",
    value: "MIN..MAX",
    help: "Let KEDA choose the number of pods by what is in the request queue.",
    needs: "metrics",
  },
  prometheusUrl: {
    kind: prometheusUrl,
    initial: "http://prometheus.monitoring.svc:9090",
    group: "Scaling and monitoring",
    value: "URL",
    help: "Where KEDA asks for that length.",
    show: redactUrl,
  },
  monitor: {
    kind: toggle,
    initial: false,
    group: "Scaling and monitoring",
    help: "A PodMonitor, and a PrometheusRule with alerts, for the Prometheus Operator.",
    needs: "metrics",
  },
  monitorLabel: {
    kind: list(label),
    initial: [],
    group: "Scaling and monitoring",
    value: "KEY=VALUE",
    help: "A label for both, where Prometheus takes only what has it: of kube-prometheus-stack, " +
      "release=NAME, after its Helm release.",
    repeatable: true,
  },
  dashboard: {
    kind: toggle,
    initial: false,
    group: "Scaling and monitoring",
    help: "A ConfigMap with a dashboard, for Grafana. One is enough for all services.",
    needs: "metrics",
  },
} satisfies Record<string, Declaration>;

/** The flags of `hurricane manifest` besides those of `serve`, in the order of the help. */
export const manifestFlags: Flag[] = flagsOf(optionsOf(manifestTable));
