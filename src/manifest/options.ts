import type { ServiceOptions } from "../options/service_options.ts";
import type { PlainVariable, SecretVariable } from "./variables.ts";

/** Everything that a manifest says. */
export interface ManifestOptions {
  /** The container image, see {@linkcode isImage}. */
  image: string;
  /** Of all that is made: a DNS label that begins with a letter (RFC 1035), as Services need it. */
  name: string;
  /** Without one, that of whoever applies the manifest. */
  namespace?: string;
  /** Pods, where nothing scales them. */
  replicas: number;
  /** Let KEDA choose the number of pods between these. */
  autoscale?: { min: number; max: number };
  /** Where KEDA asks for the length of the queue. */
  prometheusUrl: string;
  /** Does nobody call the pods, so that they need no Service? */
  noService: boolean;
  /** The host that leads to the Service, through a Gateway. */
  route?: string;
  /** The host that leads to the Service, through an Ingress. */
  ingress?: string;
  /** That Gateway, and its namespace where that is another. */
  gateway?: { name: string; namespace?: string };
  /** Have Prometheus scrape the pods, and alert? */
  monitor: boolean;
  /** Labels that Prometheus looks for at what it shall scrape and evaluate: `KEY=VALUE`. */
  monitorLabel: string[];
  /** Have Grafana show a dashboard? */
  dashboard: boolean;
  /** Keep all but Prometheus and the kubelet from probes and metrics? */
  networkPolicy: boolean;
  /** The namespace of the Prometheus that may reach the metrics then. */
  prometheusNamespace: string;
  /** CPU that is asked for, such as `250m`. Without it, a little. */
  cpu?: string;
  /** The most CPU that may be used. Without it there is no limit. */
  cpuLimit?: string;
  /** Memory that is asked for and may be used, such as `512Mi`. Without it, what the workers may need. */
  memory?: string;
  /** How much may be written to `/tmp`. */
  tmpSize: string;
  /** How long commands and handler may take to start, in milliseconds. */
  startupTimeout: number;
  /** What the service will do: ports, paths and times follow from it. */
  service: ServiceOptions;
  /** The arguments of the container: literally, before Kubernetes expands `$(…)` in them. */
  args: string[];
  /** Options whose values must not be in a manifest: a Secret has them, and variables. */
  secrets: SecretOption[];
  /** Variables for the handler. */
  env: PlainVariable[];
  /** Variables for the handler that a Secret has. */
  secretEnv: SecretVariable[];
}

/** An option that a variable from a Secret stands for, such as `HURRICANE_WEBHOOK_SECRET`. */
export interface SecretOption extends SecretVariable {
  /** Of the option: `webhookSecret`. */
  option: string;
  /** What it looks like, for a comment. */
  example: string;
}
