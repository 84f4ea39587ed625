import type { HttpRoute } from "./kubernetes.ts";
import { metadata } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";

/** Leads requests to a host from a Gateway to the Service. */
export function httpRoute(options: ManifestOptions, host: string): Noted<HttpRoute> {
  const { name, gateway } = options;
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: metadata(options),
    spec: {
      parentRefs: note(
        [gateway],
        "the Gateway that requests come by (--gateway), which must allow routes of this namespace",
      ),
      hostnames: [host],
      rules: [{ backendRefs: [{ name, port: 80 }] }],
    },
  };
}
