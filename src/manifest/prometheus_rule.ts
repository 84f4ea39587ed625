import { ruleGroups } from "../monitoring/rules.ts";
import type { PrometheusRule } from "./kubernetes.ts";
import { monitorMetadata } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";

/** Figures and alerts of this service, for the Prometheus of the Prometheus Operator. */
export function prometheusRule(options: ManifestOptions): Noted<PrometheusRule> {
  const { name, namespace } = options;
  // What the Operator calls a PodMonitor's job; DNS labels need no escape.
  const scope = namespace === undefined ? `job=~"[^/]+/${name}"` : `job="${namespace}/${name}"`;
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: note(monitorMetadata(options), "as for the PodMonitor, a label may be needed"),
    spec: {
      groups: ruleGroups(scope).map((group) => ({
        name: `${name}-${group.name}`,
        rules: group.rules.map(({ comment, rule }) => note(rule, comment)),
      })),
    },
  };
}
