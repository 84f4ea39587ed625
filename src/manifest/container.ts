import { escapeExpansion } from "./expansion.ts";
import { isPinned } from "./image.ts";
import type { Container, SecretVariable } from "./kubernetes.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { ports } from "./ports.ts";
import { probes } from "./probes.ts";
import { resources } from "./resources.ts";
import { tlsMounts } from "./tls.ts";

/** The name of the volume for temporary files. */
export const tmp = "tmp";

/** The container that runs Hurricane. */
export function container(options: ManifestOptions): Noted<Container> {
  const { name, image, args, service } = options;
  return {
    name,
    image: isPinned(image)
      ? image
      : note(image, "give it a tag or a digest: this one means another image tomorrow"),
    args: args.length === 0 ? undefined : args.map(escapeExpansion),
    env: secretVariables(options),
    ports: ports(service),
    ...probes(options),
    resources: resources(options),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    terminationMessagePolicy: note(
      "FallbackToLogsOnError",
      "kubectl describe says why it ended: what Hurricane wrote, or the last lines of the log",
    ),
    volumeMounts: [{ name: tmp, mountPath: "/tmp" }, ...tlsMounts(service)],
  };
}

function secretVariables({ name, secrets }: ManifestOptions): Noted<SecretVariable[]> | undefined {
  if (secrets.length === 0) return undefined;
  const values = secrets.map(({ key, example }) => `  --from-literal=${key}=${example}`);
  const variables = secrets.map(({ variable, key }) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name, key } },
  }));
  return note(
    variables,
    `kubectl create secret generic ${name} \\\n${values.join(" \\\n")}`,
  );
}
