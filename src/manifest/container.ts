import { escapeExpansion } from "./expansion.ts";
import { isPinned } from "./image.ts";
import type { Container, Variable } from "./kubernetes.ts";
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
    env: variables(options),
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

/** Those that a Secret holds. */
function variables({ name, secrets }: ManifestOptions): Noted<Variable[]> | undefined {
  if (secrets.length === 0) return undefined;
  const all = secrets.map(({ variable, key }): Noted<Variable> => ({
    name: variable,
    valueFrom: { secretKeyRef: { name, key } },
  }));
  const values = secrets.map(({ key, example }) => `  --from-literal=${key}=${example}`);
  return note(all, `kubectl create secret generic ${name} \\\n${values.join(" \\\n")}`);
}
