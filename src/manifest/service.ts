import type { Service } from "./kubernetes.ts";
import { metadata, podLabels } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";

/** The address of the pods that are ready. */
export function service(options: ManifestOptions): Noted<Service> {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(options),
    spec: {
      selector: podLabels(options.name),
      ports: [{
        name: "http",
        port: note(80, `http://${options.name} in the same namespace`),
        targetPort: "http",
      }],
    },
  };
}
