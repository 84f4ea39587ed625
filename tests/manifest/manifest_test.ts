import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { dashboard } from "../../src/monitoring/dashboard.ts";
import { image, made } from "./made.ts";

describe("a manifest", () => {
  test("without options", () => {
    const { kinds, deployment, container, service, budget } = made(["./handler.ts"]);
    assertEquals(kinds, ["Deployment", "Service", "PodDisruptionBudget"]);
    assertEquals(deployment.spec.replicas, 2);
    assertEquals(container.image, image);
    assertEquals(container.args, ["serve", "./handler.ts"]);
    assertEquals(container.ports, [
      { name: "http", containerPort: 8000 },
      { name: "probes", containerPort: 8001 },
    ]);
    assertEquals(service.spec.ports, [{ name: "http", port: 80, targetPort: "http" }]);
    assertEquals(deployment.spec.minReadySeconds, 5);
    assertEquals(budget.spec.maxUnavailable, 1);
    assertEquals(budget.spec.unhealthyPodEvictionPolicy, "AlwaysAllow");
    assertEquals(container.terminationMessagePolicy, "FallbackToLogsOnError");
  });

  test("is called after the image, or as it is told", () => {
    for (const [args, name] of [[[], "web"], [["--name", "on"], "on"]] as const) {
      const { deployment, container, service, budget } = made([...args]);
      for (const { metadata } of [deployment, service, budget]) {
        assertEquals(metadata, { name, labels: { "app.kubernetes.io/name": name } });
      }
      assertEquals(container.name, name);
    }
  });

  test("is for one namespace, or for any", () => {
    const { text, deployment, service, budget, scaledObject, podMonitor, prometheusRule } = made(
      ["--namespace", "1e3", "--autoscale", "1..2", "--monitor"],
    );
    for (
      const resource of [deployment, service, budget, scaledObject, podMonitor, prometheusRule]
    ) {
      assertEquals(resource?.metadata.namespace, "1e3");
    }
    assertEquals(text.split("\n---\n").length, 6);
    assertFalse(made(["--monitor"]).text.includes("namespace:"));
  });

  test("finds its pods by the labels that they have", () => {
    const { deployment, service, budget, podMonitor, pod } = made(["--monitor"]);
    const { labels } = deployment.spec.template.metadata;
    assertEquals(labels, { "app.kubernetes.io/name": "web" });
    assertEquals(deployment.spec.selector.matchLabels, labels);
    assertEquals(service.spec.selector, labels);
    assertEquals(budget.spec.selector.matchLabels, labels);
    assertEquals(podMonitor?.spec.selector.matchLabels, labels);
    const [spread] = pod.topologySpreadConstraints;
    assertEquals(spread?.labelSelector.matchLabels, labels);
    assertEquals(spread?.matchLabelKeys, ["pod-template-hash"]);
  });

  test("has comments where something may want to be changed", () => {
    const { text } = made(["--autoscale", "2..4", "--monitor"]);
    for (
      const key of [
        ...["terminationGracePeriodSeconds", "runAsUser", "requests", "limits", "sizeLimit"],
        ...["failureThreshold", "topologyKey", "maxUnavailable", "threshold", "serverAddress"],
        ...["query", "interval"],
      ]
    ) {
      assert(new RegExp(`^ *# .*\n *(- )?${key}:`, "m").test(text), key);
    }
    assertStringIncludes(made(["--replicas", "3"]).text, "is drained\n  replicas: 3\n");
    for (const line of text.split("\n")) assert(line.length <= 100 || !/^ *#/.test(line), line);
  });

  test("complains about an image that may change", () => {
    const complaint = "give it a tag or a digest";
    assertFalse(made().text.includes(complaint));
    const { text } = made([], { image: "registry.example/web" });
    assertStringIncludes(text, complaint);
  });
});

describe("pods", () => {
  const restricted = {
    runAsNonRoot: true,
    runAsUser: 65532,
    runAsGroup: 65532,
    seccompProfile: { type: "RuntimeDefault" },
  };

  test("may do as little as the restricted Pod Security Standard allows, and less", () => {
    const { pod, container } = made();
    assertEquals<unknown>(pod.securityContext, restricted);
    assertEquals(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assertEquals(pod.automountServiceAccountToken, false);
    assertEquals(pod.enableServiceLinks, false);
  });

  test("can write to /tmp alone", () => {
    const { pod, container } = made();
    assertEquals(container.volumeMounts, [{ name: "tmp", mountPath: "/tmp" }]);
    assertEquals(pod.volumes, [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }]);
    assertEquals(made(["--tmp-size=1Gi"]).pod.volumes[0]?.emptyDir, { sizeLimit: "1Gi" });
  });

  test("may listen on a privileged port where they have to", () => {
    const lowest = (...args: string[]) => made(args).pod.securityContext.sysctls;
    const allowing = (value: string) => [
      { name: "net.ipv4.ip_unprivileged_port_start", value },
    ];
    assertEquals(lowest("--port", "80", "--probe-port", "79"), allowing("79"));
    assertEquals(lowest("--port", "80"), allowing("80"));
    assertEquals(lowest("--port", "1023"), allowing("1023"));
    assertEquals(lowest("--port", "1024"), undefined);
    assertEquals(lowest("--port", "1024", "--probe-port", "1"), allowing("1"));
    assertEquals(lowest("--port", "8080", "--no-probe"), undefined);
  });

  test("have resources", () => {
    assertEquals(made().container.resources, {
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { memory: "576Mi" },
    });
  });

  test("have memory for what takes messages, too", () => {
    const { container } = made(["--amqp-url=amqp://broker", "--amqp-queue=jobs"]);
    assertEquals(container.resources, {
      requests: { cpu: "100m", memory: "192Mi" },
      limits: { memory: "768Mi" },
    });
  });

  test("get the time that a start may take before a rollout counts as failed", () => {
    const deadline = (...args: string[]) => made(args).deployment.spec.progressDeadlineSeconds;
    assertEquals(deadline(), undefined);
    assertEquals(deadline("--startup-timeout", "301s"), 602);
    assertEquals(deadline("--startup-timeout", "1h"), 7200);
  });

  test("are as many as they are told to be", () => {
    assertEquals(made(["--replicas", "0"]).deployment.spec.replicas, 0);
    assertEquals(made(["--replicas", "2147483647"]).deployment.spec.replicas, 2147483647);
  });
});

describe("--autoscale", () => {
  test("leaves the number of pods to KEDA", () => {
    const { kinds, deployment, scaledObject } = made(["--autoscale", "2..10"]);
    assertEquals(kinds, ["Deployment", "Service", "PodDisruptionBudget", "ScaledObject"]);
    assertEquals(deployment.spec.replicas, undefined);
    assertEquals(scaledObject?.spec.scaleTargetRef, { name: deployment.metadata.name });
    assertEquals([scaledObject?.spec.minReplicaCount, scaledObject?.spec.maxReplicaCount], [2, 10]);
  });

  test("asks Prometheus for the queues of the Deployment's pods and no others", () => {
    const trigger = (...args: string[]) =>
      made(["--autoscale=1..1", ...args]).scaledObject?.spec.triggers[0]?.metadata;
    const { query, serverAddress, ignoreNullValues } = trigger() ?? {};
    assertEquals(
      query,
      'sum(hurricane_request_queue_length{part="handler",pod=~"web-[a-z0-9]+-[a-z0-9]{5}"})',
    );
    assertEquals(serverAddress, "http://prometheus.monitoring.svc:9090");
    assertEquals(ignoreNullValues, "false");
    const pattern = new RegExp(`^(?:${/pod=~"(.*)"/.exec(query ?? "")?.[1]})$`);
    assert(pattern.test("web-6d4b75cb6d-x2x7q"));
    for (const other of ["web-admin-6d4b75cb6d-x2x7q", "web-0", "my-web-6d4b75cb6d-x2x7q"]) {
      assertFalse(pattern.test(other), other);
    }
    assertStringIncludes(trigger("--namespace", "shop")?.query ?? "", ',namespace="shop",pod=~');
    assertEquals(trigger("--prometheus-url", "http://p:1/x")?.serverAddress, "http://p:1/x");
  });

  test("asks for what waits for the event loop, too, which says that CPU is short", () => {
    const { scaledObject } = made(["--autoscale=1..1", "--prometheus-url=http://p:1/x"]);
    const [handler, kernel, ...more] = scaledObject?.spec.triggers ?? [];
    assertEquals(more, []);
    assertEquals([kernel?.type, kernel?.metadata], ["prometheus", {
      ...handler?.metadata,
      query: 'sum(avg_over_time(hurricane_request_queue_length{part="kernel",' +
        'pod=~"web-[a-z0-9]+-[a-z0-9]{5}"}[1m]))',
      threshold: "10",
    }]);
  });

  test("takes half of the queue at which a pod gets no more requests, or a tenth that waits", () => {
    const limits = { "10": ["5", "1"], "25": ["12", "2"], "1": ["1", "1"], "0": ["1", "1"] };
    for (const [limit, thresholds] of Object.entries(limits)) {
      const { scaledObject } = made(["--autoscale", "1..2", "--req-queue-len", limit]);
      const found = scaledObject?.spec.triggers.map(({ metadata }) => metadata.threshold);
      assertEquals(found, thresholds);
    }
  });
});

const scraping = {
  from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
  ports: [{ port: "probes" }],
};

describe("--monitor-label", () => {
  test("is at what Prometheus looks for, and at nothing else", () => {
    const { podMonitor, prometheusRule, service } = made([
      ...["--monitor", "--monitor-label=release=kps", "--monitor-label=a.example/b="],
    ]);
    const own = { "app.kubernetes.io/name": "web" };
    const labels = { release: "kps", "a.example/b": "", ...own };
    assertEquals(podMonitor?.metadata.labels, labels);
    assertEquals(prometheusRule?.metadata.labels, labels);
    assertEquals(service.metadata.labels, own);
  });
});

test("--prometheus-namespace is whence metrics may be asked for", () => {
  const { networkPolicy } = made(["--network-policy", "--prometheus-namespace=observability"]);
  assertEquals(networkPolicy?.spec.ingress[1]?.from?.[0]?.namespaceSelector?.matchLabels, {
    "kubernetes.io/metadata.name": "observability",
  });
});

describe("--route", () => {
  const spec = (...args: string[]) =>
    made(["--route", "shop.example.com", ...args]).httpRoute?.spec;

  test("leads a host from a Gateway to the Service", () => {
    const { kinds } = made(["--route", "*.example.com", "--gateway", "public"]);
    assertEquals(kinds, ["Deployment", "Service", "HTTPRoute", "PodDisruptionBudget"]);
    assertEquals(spec("--gateway", "infra/public", "--name", "shop"), {
      parentRefs: [{ name: "public", namespace: "infra" }],
      hostnames: ["shop.example.com"],
      rules: [{ backendRefs: [{ name: "shop", port: 80 }] }],
    });
    assertEquals(spec("--gateway", "public")?.parentRefs, [{ name: "public" }]);
  });

  test("is for the port that the Service has", () => {
    const tls = ["--tls-cert", "/etc/tls/tls.crt", "--tls-key", "/etc/tls/tls.key"];
    const args = ["--route=a.example", "--gateway=public"];
    const { httpRoute, service, text } = made([...args, ...tls]);
    assertStringIncludes(text, "BackendTLSPolicy");
    assertFalse(made(args).text.includes("BackendTLSPolicy"));
    const [backend] = httpRoute?.spec.rules[0]?.backendRefs ?? [];
    assertEquals([backend?.port, service.spec.ports[0]?.port], [443, 443]);
  });
});

describe("--ingress", () => {
  test("leads a host to the Service, on the port that it has", () => {
    const tls = ["--tls-cert", "/etc/tls/tls.crt", "--tls-key", "/etc/tls/tls.key"];
    for (const [args, port] of [[[], "http"], [tls, "https"]] as const) {
      const { kinds, ingress, service, text } = made(["--ingress=*.example.com", ...args]);
      assertEquals(kinds, ["Deployment", "Service", "Ingress", "PodDisruptionBudget"]);
      assertEquals(service.spec.ports[0]?.name, port);
      const backend = { service: { name: "web", port: { name: port } } };
      assertEquals(ingress?.spec.rules, [{
        host: "*.example.com",
        http: { paths: [{ path: "/", pathType: "Prefix", backend }] },
      }]);
      assertEquals(text.includes("annotation"), port === "https");
    }
  });
});

describe("--autoscale with --amqp-queue", () => {
  const scaled = ["--autoscale=1..5", "--amqp-queue=jobs", "--amqp-queue=mails=/m"];

  test("scales by what waits in each queue, too, with the URL from the Secret", () => {
    const { container, scaledObject, triggerAuthentication, text } = made([
      ...scaled,
      "--amqp-url=amqps://user:hushhush@broker/shop",
      "--amqp-prefetch=20",
    ]);
    const key = { name: "web", key: "amqp-url" };
    assert(
      container.env?.some(({ name, valueFrom }) =>
        name === "HURRICANE_AMQP_URL" && valueFrom !== undefined && "secretKeyRef" in valueFrom &&
        valueFrom.secretKeyRef.key === key.key
      ),
    );
    const [, , ...triggers] = scaledObject?.spec.triggers ?? [];
    assertEquals(
      triggers,
      ["jobs", "mails"].map((queueName) => ({
        type: "rabbitmq" as const,
        metadata: {
          protocol: "amqp" as const,
          queueName,
          mode: "QueueLength" as const,
          value: "200",
        },
        authenticationRef: { name: "web" },
      })),
    );
    assertEquals(triggerAuthentication?.metadata.name, "web");
    assertEquals(triggerAuthentication?.spec.secretTargetRef, [{ parameter: "host", ...key }]);
    assertFalse(text.includes("hushhush"));
  });

  test("may have the URL from any Secret", () => {
    const { scaledObject, triggerAuthentication, container } = made([
      ...scaled,
      "--secret-env=HURRICANE_AMQP_URL=rabbit/default-user",
    ]);
    const key = { name: "rabbit", key: "default-user" };
    assertEquals(triggerAuthentication?.spec.secretTargetRef, [{ parameter: "host", ...key }]);
    assertEquals(container.env, [
      { name: "HURRICANE_AMQP_URL", valueFrom: { secretKeyRef: key } },
    ]);
    assertEquals(container.resources.limits.memory, "768Mi");
    assertEquals(scaledObject?.spec.triggers[2]?.authenticationRef, { name: "web" });
    assertEquals(scaledObject?.spec.triggers[2]?.metadata.host, undefined);
  });

  test("needs no Secret where the URL is none", () => {
    const { scaledObject, triggerAuthentication } = made([...scaled, "--amqp-url=amqp://broker"]);
    assertEquals(scaledObject?.spec.triggers[2]?.metadata.host, "amqp://broker");
    assertEquals(triggerAuthentication, undefined);
  });

  test("is needed for that", () => {
    const { kinds } = made(["--amqp-queue=jobs", "--amqp-url=amqp://a:b@broker"]);
    assertEquals(kinds, ["Deployment", "Service", "PodDisruptionBudget"]);
  });
});

describe("--network-policy", () => {
  const open = { ports: [{ port: "http" }] };

  test("lets everybody reach the handler, and Prometheus the metrics", () => {
    const { kinds, networkPolicy, deployment } = made(["--network-policy"]);
    assertEquals(kinds, ["Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"]);
    const { podSelector, policyTypes, ingress } = networkPolicy?.spec ?? {};
    assertEquals(podSelector?.matchLabels, deployment.spec.template.metadata.labels);
    assertEquals([policyTypes, ingress], [["Ingress"], [open, scraping]]);
  });

  test("lets nobody reach the probes where there are no metrics", () => {
    const { networkPolicy } = made(["--network-policy", "--no-metrics"]);
    assertEquals(networkPolicy?.spec.ingress, [open]);
  });

  test("is for https where that is served", () => {
    const tls = ["--tls-cert", "/etc/tls/tls.crt", "--tls-key", "/etc/tls/tls.key"];
    const [handler] = made(["--network-policy", ...tls]).networkPolicy?.spec.ingress ?? [];
    assertEquals(handler?.ports, [{ port: "https" }]);
  });

  test("is left out unless it is asked for", () => {
    assertEquals(made().networkPolicy, undefined);
  });
});

describe("--no-service", () => {
  test("leaves out what would have the pods called", () => {
    const { kinds, networkPolicy } = made(["--no-service", "--network-policy"]);
    assertEquals(kinds, ["Deployment", "PodDisruptionBudget", "NetworkPolicy"]);
    assertEquals(networkPolicy?.spec.ingress, [scraping]);
    const { networkPolicy: closed } = made(["--no-service", "--network-policy", "--no-metrics"]);
    assertEquals(closed?.spec.ingress, []);
  });
});

describe("--no-service with --amqp-url", () => {
  const consumed = ["--no-service", "--amqp-url=amqp://broker", "--amqp-queue=jobs"];

  test("runs consume, whose handler nobody reaches", () => {
    const { kinds, container, deployment } = made(["./handler.ts", "--port=80", ...consumed]);
    assertEquals(kinds, ["Deployment", "PodDisruptionBudget"]);
    assertEquals(container.args?.slice(0, 2), ["consume", "./handler.ts"]);
    assertEquals(container.ports, [{ name: "probes", containerPort: 81 }]);
    // It listens all the same.
    assertEquals(deployment.spec.template.spec.securityContext.sysctls?.[0]?.value, "80");
    assertEquals(made(consumed).container.args?.[0], "consume");
  });

  test("serves where a Service leads to it", () => {
    const { container } = made(["./handler.ts", ...consumed.slice(1)]);
    assertEquals(container.args?.[0], "serve");
    assertEquals(container.ports?.length, 2);
  });
});

describe("--monitor", () => {
  test("has the metrics scraped where they are", () => {
    const endpoints = (...args: string[]) =>
      made(["--monitor", ...args]).podMonitor?.spec.podMetricsEndpoints;
    assertEquals(endpoints(), [{ port: "probes", path: "/metrics", interval: "15s" }]);
    assertEquals(endpoints("--metrics", "m/"), [{ port: "probes", path: "/m", interval: "15s" }]);
    assertEquals(endpoints("--probe-port", "8000")?.[0]?.port, "http");
  });

  test("has alerts, of this service alone", () => {
    const scopes = (...args: string[]): string[] => {
      const groups = made(["--monitor", ...args]).prometheusRule?.spec.groups ?? [];
      const text = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)).join("\n");
      assertMatch(text, /up\{job/);
      return [...new Set([...text.matchAll(/\bjob=~?"[^"]*"/g)].map(([scope]) => scope))];
    };
    assertEquals(scopes("--name=shop"), ['job=~"[^/]+/shop"']);
    assertEquals(scopes("--name=shop", "--namespace=eu"), ['job="eu/shop"']);
    const { prometheusRule } = made(["--monitor"]);
    const series = prometheusRule!.spec.groups.flatMap(({ rules }) => rules)
      .flatMap(({ expr }) => [...expr.matchAll(/\b(?:hurricane|http|up)\w*(\{[^}]*\})?/g)]);
    assertEquals(series.filter(([, labels]) => !labels?.includes("job")).map(([text]) => text), []);
  });

  test("can be left out, and be off", () => {
    for (const args of [[], ["--monitor=false"]]) {
      const { podMonitor, prometheusRule } = made(args);
      assertEquals([podMonitor, prometheusRule], [undefined, undefined]);
    }
  });
});

describe("--dashboard", () => {
  test("is a ConfigMap that Grafana's sidecar finds", () => {
    const { dashboard: config } = made(["--dashboard", "--namespace=eu"]);
    assertEquals(config?.metadata, {
      name: "hurricane-dashboard",
      namespace: "eu",
      labels: { grafana_dashboard: "1" },
    });
    assertEquals(JSON.parse(config?.data["hurricane.json"] ?? ""), dashboard());
  });

  test("is left out unless it is asked for", () => {
    assertEquals(made().dashboard, undefined);
  });
});
