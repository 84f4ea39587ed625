import { z } from "zod";
import { redactUrl } from "../webhooks/url.ts";
import {
  image,
  namespaceName,
  podCount,
  podRange,
  prometheusUrl,
  resourceName,
} from "./manifest_values.ts";
import { details, type Flag, flagsOf, type Option, optionsOf } from "./option.ts";
import { timeLimit, toggle } from "./values.ts";

/** The options that `hurricane manifest` has besides those of `serve`. */
const table = {
  image: image.optional().register(details, {
    group: "Manifest",
    value: "IMAGE",
    help: "The container image. Required.",
  }),
  name: resourceName.optional().register(details, {
    group: "Manifest",
    value: "NAME",
    help: "What everything in the manifest is called.",
    default: "the image's",
  }),
  namespace: namespaceName.optional().register(details, {
    group: "Manifest",
    value: "NAME",
    help: "Where it belongs.",
    default: "that of whoever applies it",
  }),
  replicas: podCount.prefault("2").register(details, {
    group: "Manifest",
    value: "NUMBER",
    help: "How many pods.",
  }),
  startupTimeout: timeLimit.optional().register(details, {
    group: "Manifest",
    value: "DURATION",
    help: "How long a pod may take to start before it is restarted, commands included.",
    default: "5m, or 1m more than --command-timeout gives all commands",
    needs: "probe",
  }),
  autoscale: podRange.optional().register(details, {
    group: "Scaling and monitoring",
    value: "MIN..MAX",
    help: "Let KEDA choose the number of pods by the length of the request queue.",
    needs: "metrics",
  }),
  prometheusUrl: prometheusUrl.prefault("http://prometheus.monitoring.svc:9090").register(details, {
    group: "Scaling and monitoring",
    value: "URL",
    help: "Where KEDA asks for that length.",
    show: redactUrl,
  }),
  monitor: toggle.prefault(false).register(details, {
    group: "Scaling and monitoring",
    help: "A PodMonitor, for the Prometheus Operator.",
    needs: "metrics",
  }),
};

/** Reads the values of {@linkcode manifestOptions}. */
export const manifestSchema = z.strictObject(table);

/** The options of `hurricane manifest` besides those of `serve`, in the order of the help. */
export const manifestOptions: Option[] = optionsOf(table);

/** The flags of {@linkcode manifestOptions}. */
export const manifestFlags: Flag[] = flagsOf(manifestOptions);
