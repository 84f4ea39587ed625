import { deployment } from "./deployment.ts";
import { disruptionBudget } from "./disruption_budget.ts";
import type { Resource } from "./kubernetes.ts";
import { httpRoute } from "./http_route.ts";
import { ingress } from "./ingress.ts";
import { networkPolicy } from "./network_policy.ts";
import type { Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { dashboardConfig } from "./dashboard.ts";
import { podMonitor } from "./pod_monitor.ts";
import { prometheusRule } from "./prometheus_rule.ts";
import { probePortName } from "./ports.ts";
import { render } from "./render.ts";
import { scaledObject } from "./scaled_object.ts";
import { service } from "./service.ts";
import { triggerAuthentication } from "./trigger_authentication.ts";

/** Kubernetes YAML for a service: one document for each resource, and comments. */
export function manifest(options: ManifestOptions): string {
  return render(resources(options), saying);
}

/** What stands above each file. */
export const saying =
  "Written by hurricane manifest. The comments are about what you may want to change.";

/** All resources of a service, in the order in which a manifest has them. */
export function resources(options: ManifestOptions): Noted<Resource>[] {
  const { autoscale, gateway, monitor, noService, service: { metrics: path } } = options;
  const { ingress: ingressHost, route: host } = options;
  const port = probePortName(options.service);
  const authentication = triggerAuthentication(options);
  return [
    deployment(options),
    ...(noService ? [] : [service(options)]),
    ...(host === undefined || gateway === undefined ? [] : [httpRoute(options, { host, gateway })]),
    ...(ingressHost === undefined ? [] : [ingress(options, ingressHost)]),
    disruptionBudget(options),
    ...(!options.networkPolicy || port === undefined ? [] : [networkPolicy(options, port)]),
    ...(autoscale === undefined ? [] : [scaledObject(options, autoscale)]),
    ...(autoscale === undefined || authentication === undefined ? [] : [authentication]),
    ...(!monitor || port === undefined || path === false
      ? []
      : [podMonitor(options, { port, path }), prometheusRule(options)]),
    ...(options.dashboard ? [dashboardConfig(options)] : []),
  ];
}
