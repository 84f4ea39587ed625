import type { HttpRoute } from "./kubernetes.ts";
import { metadata } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { servicePort } from "./service.ts";

/** Leads what comes to a Gateway for a host to the Service. */
export function httpRoute(
  options: ManifestOptions,
  { host, gateway }: { host: string; gateway: { name: string; namespace?: string } },
): Noted<HttpRoute> {
  const { name, service } = options;
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: metadata(options),
    spec: {
      parentRefs: note(
        [gateway],
        "the Gateway has to let routes of this namespace attach, and ends TLS",
      ),
      hostnames: [host],
      rules: [{ backendRefs: [{ name, port: backendPort(service) }] }],
    },
  };
}

/** A Gateway speaks no TLS with the pods unless it is told to. */
function backendPort(service: ManifestOptions["service"]): Noted<number> {
  const port = servicePort(service);
  return port === 443 ? note(port, "a BackendTLSPolicy has to say that this is TLS") : port;
}
