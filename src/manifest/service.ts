import type { Service } from "./kubernetes.ts";
import { metadata, podLabels } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { handlerPortName } from "./ports.ts";

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
        port: note(tls ? 443 : 80, `${name}://${options.name} in the same namespace`),
        targetPort: name,
        appProtocol: tls ? note(name, "many an ingress has to be told in its own way") : undefined,
      }],
    },
  };
}
