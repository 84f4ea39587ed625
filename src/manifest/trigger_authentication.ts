import type { TriggerAuthentication } from "./kubernetes.ts";
import { metadata } from "./metadata.ts";
import type { ManifestOptions } from "./options.ts";

/**
 * Lets KEDA read the broker's URL from the Secret that the pods have it from; `undefined` where it holds
 * no secret.
 */
export function triggerAuthentication(options: ManifestOptions): TriggerAuthentication | undefined {
  const secret = options.secrets.find(({ option }) => option === "amqpUrl");
  if (secret === undefined) return undefined;
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "TriggerAuthentication",
    metadata: metadata(options),
    spec: { secretTargetRef: [{ parameter: "host", name: secret.secret, key: secret.key }] },
  };
}
