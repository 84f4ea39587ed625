import { describe, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import type {
  Deployment,
  HttpRoute,
  Ingress,
  NetworkPolicy,
  PodDisruptionBudget,
  PodMonitor,
  ScaledObject,
  Service,
  TriggerAuthentication,
} from "../../src/manifest/kubernetes.ts";
import {
  assertPublished,
  type IDeployment,
  type IHTTPRoute,
  type IIngress,
  type INetworkPolicy,
  type IPodDisruptionBudget,
  type IPodMonitor,
  type IScaledObject,
  type IService,
  type ITriggerAuthentication,
  type Read,
} from "./published.ts";

/** The fields, at any depth, that the published type has not. */
type Unknown<Ours, Theirs> = Ours extends readonly (infer Item)[]
  ? Theirs extends readonly (infer Other)[] ? Unknown<Item, Other> : never
  : Ours extends object ? {
      [Key in keyof Ours & string]-?: Key extends keyof Theirs
        ? Unknown<NonNullable<Ours[Key]>, NonNullable<Theirs[Key]>>
        : string extends keyof Theirs ? never
        : Key;
    }[keyof Ours & string]
  : never;

/** `true`, or what is wrong with our type. */
type Fits<Ours, Theirs> = [Ours] extends [Theirs]
  ? [Unknown<Ours, Theirs>] extends [never] ? true : Unknown<Ours, Theirs>
  : false;

test("the types are the published ones, which `deno check` sees", () => {
  const fits: [
    Fits<Deployment, IDeployment>,
    Fits<Service, IService>,
    Fits<PodDisruptionBudget, IPodDisruptionBudget>,
    Fits<NetworkPolicy, INetworkPolicy>,
    Fits<HttpRoute, IHTTPRoute>,
    Fits<Ingress, IIngress>,
    Fits<ScaledObject, IScaledObject>,
    Fits<PodMonitor, IPodMonitor>,
    Fits<TriggerAuthentication, ITriggerAuthentication>,
  ] = [true, true, true, true, true, true, true, true, true];
  const misspelt: Fits<{ a: { b: 1; replica: 1 }[] }, { a: { b: 1; replicas?: 1 }[] }> = "replica";
  const wrong: Fits<{ port: string }, { port: number }> = false;
  assertEquals(fits, fits.map(() => true));
  assertEquals([misspelt, wrong], ["replica", false]);
});

describe("the schemas that the tests use", () => {
  const refused: Record<string, Read> = {
    "spec/replicas must be integer": {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", labels: {} },
      spec: { replicas: "2", selector: {}, template: {} },
    },
    "must have required property port": {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", labels: {} },
      spec: { ports: [{ targetPort: "http" }] },
    },
    "spec/selector must be object": {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "web", labels: {} },
      spec: { selector: "web" },
    },
    "ingress must be array": {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "web", labels: {} },
      spec: { podSelector: {}, ingress: {} },
    },
    "must have required property pathType": {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "web", labels: {} },
      spec: { rules: [{ http: { paths: [{ path: "/", backend: {} }] } }] },
    },
    "hostnames must be array": {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "web", labels: {} },
      spec: { hostnames: "example.com" },
    },
    "metadata/threshold must be string": {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "web", labels: {} },
      spec: {
        scaleTargetRef: { name: "web" },
        triggers: [{ type: "prometheus", metadata: { threshold: 5 } }],
      },
    },
    "secretTargetRef/0 must have required property": {
      apiVersion: "keda.sh/v1alpha1",
      kind: "TriggerAuthentication",
      metadata: { name: "web", labels: {} },
      spec: { secretTargetRef: [{ parameter: "host" }] },
    },
    "interval must match pattern": {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PodMonitor",
      metadata: { name: "web", labels: {} },
      spec: { selector: {}, podMetricsEndpoints: [{ port: "probes", interval: "15" }] },
    },
    "there is no schema of v1 Pod": {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", labels: {} },
    },
  };
  for (const [reason, resource] of Object.entries(refused)) {
    test(`refuse a wrong ${resource.kind}`, () => {
      assertThrows(() => assertPublished(resource), Error, reason);
    });
  }
});
