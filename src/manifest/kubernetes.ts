/**
 * The part of Kubernetes' types that a manifest needs.
 *
 * The published ones (`kubernetes-models` and its like) would come with the library to everybody who
 * installs it; the tests hold these to them.
 *
 * @module
 */
import type { Rule } from "../monitoring/rules.ts";
/** What all resources have. */
export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
}

/** What a resource is called. */
export interface Metadata {
  name: string;
  namespace?: string;
  labels: Record<string, string>;
}

/** Finds resources by their labels. */
export interface LabelSelector {
  matchLabels: Record<string, string>;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/ */
export interface Deployment extends Resource {
  apiVersion: "apps/v1";
  kind: "Deployment";
  spec: {
    replicas?: number;
    minReadySeconds: number;
    progressDeadlineSeconds?: number;
    selector: LabelSelector;
    template: { metadata: { labels: Record<string, string> }; spec: PodSpec };
  };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec */
export interface PodSpec {
  terminationGracePeriodSeconds: number;
  automountServiceAccountToken: boolean;
  enableServiceLinks: boolean;
  securityContext: {
    runAsNonRoot: true;
    runAsUser: number;
    runAsGroup: number;
    seccompProfile: { type: "RuntimeDefault" };
    sysctls?: { name: string; value: string }[];
  };
  topologySpreadConstraints: {
    maxSkew: number;
    topologyKey: string;
    whenUnsatisfiable: "ScheduleAnyway";
    labelSelector: LabelSelector;
    matchLabelKeys: string[];
  }[];
  containers: Container[];
  volumes: Volume[];
}

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/ */
export interface Volume {
  name: string;
  emptyDir?: { sizeLimit: string };
  secret?: { secretName: string; items?: { key: string; path: string }[] };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container */
export interface Container {
  name: string;
  image: string;
  args?: string[];
  env?: Variable[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  resources: {
    requests: { cpu: string; memory: string };
    limits: { cpu?: string; memory: string };
  };
  securityContext: {
    allowPrivilegeEscalation: false;
    readOnlyRootFilesystem: true;
    capabilities: { drop: ["ALL"] };
  };
  terminationMessagePolicy: "FallbackToLogsOnError";
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
}

/** A variable, whose value may lie in a Secret, or be what Kubernetes knows of the pod. */
export interface Variable {
  name: string;
  value?: string;
  valueFrom?:
    | { secretKeyRef: { name: string; key: string } }
    | { fieldRef: { fieldPath: string } };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe */
export interface Probe {
  httpGet: { path: string; port: string };
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
export interface Service extends Resource {
  apiVersion: "v1";
  kind: "Service";
  spec: {
    selector: Record<string, string>;
    ports: { name: string; port: number; targetPort: string; appProtocol?: string }[];
  };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/ */
export interface PodDisruptionBudget extends Resource {
  apiVersion: "policy/v1";
  kind: "PodDisruptionBudget";
  spec: {
    maxUnavailable: number;
    unhealthyPodEvictionPolicy: "AlwaysAllow";
    selector: LabelSelector;
  };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/ */
export interface NetworkPolicy extends Resource {
  apiVersion: "networking.k8s.io/v1";
  kind: "NetworkPolicy";
  spec: {
    podSelector: LabelSelector;
    policyTypes: ["Ingress"];
    ingress: { from?: { namespaceSelector: LabelSelector }[]; ports: { port: string }[] }[];
  };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/ */
export interface Ingress extends Resource {
  apiVersion: "networking.k8s.io/v1";
  kind: "Ingress";
  spec: {
    rules: {
      host: string;
      http: {
        paths: {
          path: string;
          pathType: "Prefix";
          backend: { service: { name: string; port: { name: string } } };
        }[];
      };
    }[];
  };
}

/** https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
export interface HttpRoute extends Resource {
  apiVersion: "gateway.networking.k8s.io/v1";
  kind: "HTTPRoute";
  spec: {
    parentRefs: { name: string; namespace?: string }[];
    hostnames: string[];
    rules: { backendRefs: { name: string; port: number }[] }[];
  };
}

/** https://keda.sh/docs/latest/reference/scaledobject-spec/ */
export interface ScaledObject extends Resource {
  apiVersion: "keda.sh/v1alpha1";
  kind: "ScaledObject";
  spec: {
    scaleTargetRef: { name: string };
    minReplicaCount: number;
    maxReplicaCount: number;
    pollingInterval: number;
    triggers: {
      type: "prometheus" | "rabbitmq";
      metadata: Partial<PrometheusTrigger & RabbitmqTrigger>;
      authenticationRef?: { name: string };
    }[];
  };
}

/**
 * https://keda.sh/docs/latest/scalers/prometheus/. No interface, for one is no `Record`, and all
 * triggers together are published as that.
 */
export type PrometheusTrigger = {
  serverAddress: string;
  query: string;
  threshold: string;
  ignoreNullValues: "true" | "false";
};

/** https://keda.sh/docs/latest/scalers/rabbitmq-queue/ */
export type RabbitmqTrigger = {
  protocol: "amqp";
  queueName: string;
  mode: "QueueLength";
  value: string;
  /** The broker's URL, where it holds no secret. */
  host: string;
};

/** https://keda.sh/docs/latest/reference/authentication-providers/secret/ */
export interface TriggerAuthentication extends Resource {
  apiVersion: "keda.sh/v1alpha1";
  kind: "TriggerAuthentication";
  spec: { secretTargetRef: { parameter: "host"; name: string; key: string }[] };
}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor */
export interface PodMonitor extends Resource {
  apiVersion: "monitoring.coreos.com/v1";
  kind: "PodMonitor";
  spec: {
    selector: LabelSelector;
    podMetricsEndpoints: { port: string; path: string; interval: string }[];
  };
}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule */
export interface PrometheusRule extends Resource {
  apiVersion: "monitoring.coreos.com/v1";
  kind: "PrometheusRule";
  spec: { groups: { name: string; rules: Rule[] }[] };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/config-map-v1/ */
export interface ConfigMap extends Resource {
  apiVersion: "v1";
  kind: "ConfigMap";
  data: Record<string, string>;
}
