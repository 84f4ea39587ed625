import { handlerPortName } from "./ports.ts";
import type { Ingress } from "./kubernetes.ts";
import { metadata } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";

/** Leads what comes to the cluster's ingress for a host to the Service. */
export function ingress(options: ManifestOptions, host: string): Noted<Ingress> {
  const { name, service } = options;
  const port = handlerPortName(service);
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: port === "https"
      ? note(
        metadata(options),
        "an ingress has to be told that this is TLS, often by an annotation",
      )
      : metadata(options),
    spec: {
      rules: note(
        [{
          host,
          http: {
            paths: [{
              path: "/",
              pathType: "Prefix",
              backend: { service: { name, port: { name: port } } },
            }],
          },
        }],
        "of the cluster's default class, and without TLS: add ingressClassName and tls otherwise",
      ),
    },
  };
}
