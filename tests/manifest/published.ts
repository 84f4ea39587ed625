/** The published schemas of everything that a manifest may hold. */
import { fail } from "@std/assert";
import {
  HTTPRoute,
  type IHTTPRoute,
} from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute";
import {
  type IScaledObject,
  ScaledObject,
} from "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject";
import {
  type ITriggerAuthentication,
  TriggerAuthentication,
} from "@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication";
import {
  type IPodMonitor,
  PodMonitor,
} from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import {
  type IPrometheusRule,
  PrometheusRule,
} from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import { ConfigMap, type IConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Deployment, type IDeployment } from "kubernetes-models/apps/v1/Deployment";
import { type IIngress, Ingress } from "kubernetes-models/networking.k8s.io/v1/Ingress";
import {
  type INetworkPolicy,
  NetworkPolicy,
} from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import {
  type IPodDisruptionBudget,
  PodDisruptionBudget,
} from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { type IService, Service } from "kubernetes-models/v1/Service";
import type { Resource } from "../../src/manifest/kubernetes.ts";

export type {
  IConfigMap,
  IDeployment,
  IHTTPRoute,
  IIngress,
  INetworkPolicy,
  IPodDisruptionBudget,
  IPodMonitor,
  IPrometheusRule,
  IScaledObject,
  IService,
  ITriggerAuthentication,
};

/** A resource that has been read from YAML. */
export type Read = Resource & Record<string, unknown>;

const validators: Record<string, (read: unknown) => void> = {
  "apps/v1 Deployment": (read) => new Deployment(read as IDeployment).validate(),
  "v1 Service": (read) => new Service(read as IService).validate(),
  "policy/v1 PodDisruptionBudget": (read) =>
    new PodDisruptionBudget(read as IPodDisruptionBudget).validate(),
  "networking.k8s.io/v1 NetworkPolicy": (read) =>
    new NetworkPolicy(read as INetworkPolicy).validate(),
  "networking.k8s.io/v1 Ingress": (read) => new Ingress(read as IIngress).validate(),
  "gateway.networking.k8s.io/v1 HTTPRoute": (read) => new HTTPRoute(read as IHTTPRoute).validate(),
  "keda.sh/v1alpha1 ScaledObject": (read) => new ScaledObject(read as IScaledObject).validate(),
  "keda.sh/v1alpha1 TriggerAuthentication": (read) =>
    new TriggerAuthentication(read as ITriggerAuthentication).validate(),
  "monitoring.coreos.com/v1 PodMonitor": (read) => new PodMonitor(read as IPodMonitor).validate(),
  "monitoring.coreos.com/v1 PrometheusRule": (read) =>
    new PrometheusRule(read as IPrometheusRule).validate(),
  "v1 ConfigMap": (read) => new ConfigMap(read as IConfigMap).validate(),
};

/** Throws where the schema of a resource's kind refuses it. Schemas let unknown fields pass. */
export function assertPublished(read: Read): void {
  const validate = validators[`${read.apiVersion} ${read.kind}`];
  if (validate === undefined) fail(`there is no schema of ${read.apiVersion} ${read.kind}`);
  validate(read);
}
