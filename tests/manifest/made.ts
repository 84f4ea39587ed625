/** What `hurricane manifest` makes of arguments, read back and held to the published schemas. */
import { assertEquals, fail } from "@std/assert";
import { parseAllDocuments } from "yaml";
import { type Builtin, parseManifest } from "../cli/parsed.ts";
import type {
  ConfigMap,
  Container,
  Deployment,
  HttpRoute,
  Ingress,
  NetworkPolicy,
  PodDisruptionBudget,
  PodMonitor,
  PodSpec,
  PrometheusRule,
  ScaledObject,
  Service,
  TriggerAuthentication,
} from "../../src/manifest/kubernetes.ts";
import { manifest } from "../../src/manifest/manifest.ts";
import { assertPublished, type Read } from "./published.ts";

export const image = "registry.example/team/web:1.2";

/** A manifest. */
export interface Made {
  text: string;
  kinds: string[];
  deployment: Deployment;
  pod: PodSpec;
  container: Container;
  service: Service;
  budget: PodDisruptionBudget;
  /** `undefined` where the manifest has none. */
  scaledObject: ScaledObject | undefined;
  triggerAuthentication: TriggerAuthentication | undefined;
  podMonitor: PodMonitor | undefined;
  prometheusRule: PrometheusRule | undefined;
  dashboard: ConfigMap | undefined;
  networkPolicy: NetworkPolicy | undefined;
  httpRoute: HttpRoute | undefined;
  ingress: Ingress | undefined;
}

/** Makes a manifest, of {@linkcode image} unless another is given. */
export function made(
  args: string[] = [],
  given: { image?: string; builtin?: Builtin } = {},
): Made {
  const argv = ["--image", given.image ?? image, ...args];
  return readManifest(manifest(parseManifest(argv, given.builtin)));
}

/** Reads a manifest, as `kubectl` and as a YAML 1.2 parser do, and checks it. */
export function readManifest(text: string): Made {
  const resources = readResources(text);
  for (const resource of resources) assertPublished(resource);
  const find = <Kind>(kind: string) => resources.find((read) => read.kind === kind) as Kind;
  const deployment = find<Deployment>("Deployment");
  const pod = deployment.spec.template.spec;
  const [container, ...others] = pod.containers;
  if (container === undefined || others.length > 0) fail("there must be one container");
  return {
    text,
    kinds: resources.map(({ kind }) => kind),
    deployment,
    pod,
    container,
    service: find("Service"),
    budget: find("PodDisruptionBudget"),
    scaledObject: find("ScaledObject"),
    triggerAuthentication: find("TriggerAuthentication"),
    podMonitor: find("PodMonitor"),
    prometheusRule: find("PrometheusRule"),
    dashboard: find("ConfigMap"),
    networkPolicy: find("NetworkPolicy"),
    httpRoute: find("HTTPRoute"),
    ingress: find("Ingress"),
  };
}

/** The resources of a manifest, which all readers of YAML have to read alike. */
export function readResources(text: string): Read[] {
  const resources = read(text, "core");
  assertEquals(read(text, "yaml-1.1"), resources);
  return resources;
}

function read(text: string, schema: "core" | "yaml-1.1"): Read[] {
  return parseAllDocuments(text, { schema }).map((document) => {
    assertEquals([...document.errors, ...document.warnings], []);
    return document.toJS();
  });
}
