import { variableOf } from "../options/option.ts";
import type { TriggerAuthentication } from "./kubernetes.ts";
import { metadata } from "./metadata.ts";
import type { ManifestOptions } from "./options.ts";

/**
 * Lets KEDA read the broker's URL from the Secret that the pods have it from; `undefined` where it holds
 * no secret.
 */
export function triggerAuthentication(options: ManifestOptions): TriggerAuthentication | undefined {
  const secret = options.secrets.find(({ variable }) => variable === variableOf("amqp-url"));
  if (secret === undefined) return undefined;
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "TriggerAuthentication",
    metadata: metadata(options),
    spec: { secretTargetRef: [{ parameter: "host", name: options.name, key: secret.key }] },
  };
}
