import { dashboard } from "../monitoring/dashboard.ts";
import type { ConfigMap } from "./kubernetes.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";

/** The dashboard, where Grafana's sidecar finds it. It is the same for all services, and so is its name. */
export function dashboardConfig({ namespace }: ManifestOptions): Noted<ConfigMap> {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "hurricane-dashboard",
      namespace,
      labels: note(
        { grafana_dashboard: "1" },
        "what the sidecar of Grafana's Helm chart looks for, in Grafana's own namespace unless it\n" +
          "is told otherwise (sidecar.dashboards.searchNamespace: ALL)",
      ),
    },
    data: { "hurricane.json": JSON.stringify(dashboard()) },
  };
}
