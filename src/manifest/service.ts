import type { Service } from "./kubernetes.ts";
import { metadata, podLabels } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { handlerPortName } from "./ports.ts";

/** Where the Service listens. */
export function servicePort(service: ManifestOptions["service"]): number {
  return handlerPortName(service) === "https" ? 443 : 80;
}

/** The address of the pods that are ready. */
export function service(options: ManifestOptions): Noted<Service> {
  const name = handlerPortName(options.service);
  const tls = name === "https";
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(options),
    spec: {
      selector: podLabels(options.name),
      ports: [{
        name,
        port: note(servicePort(options.service), `${name}://${options.name} in the same namespace`),
        targetPort: name,
        appProtocol: tls ? note(name, "many an ingress has to be told in its own way") : undefined,
      }],
    },
  };
}
