import { escapeExpansion } from "./expansion.ts";
import { isPinned } from "./image.ts";
import type { Container, Variable } from "./kubernetes.ts";
import { kubectlIn } from "./metadata.ts";
import { note, type Noted } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { ports } from "./ports.ts";
import { probes } from "./probes.ts";
import { resources } from "./resources.ts";
import { tlsMounts } from "./tls.ts";
import { senderVariables } from "../webhooks/payload.ts";
import { newWebhookSecret } from "../webhooks/sign.ts";

/** The name of the volume for temporary files. */
export const tmp = "tmp";

/** The container that runs Hurricane. */
export function container(options: ManifestOptions): Noted<Container> {
  const { name, image, args, service } = options;
  const reached = ports(service);
  return {
    name,
    image: isPinned(image)
      ? image
      : note(image, "give it a tag or a digest: this one means another image tomorrow"),
    args: args.length === 0 ? undefined : args.map(escapeExpansion),
    env: variables(options),
    ports: reached.length === 0 ? undefined : reached,
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

/** What a Secret holds, what was given, and where webhooks are sent, what they say of their sender. */
function variables(options: ManifestOptions): Noted<Variable[]> | undefined {
  const { name, secrets, env, secretEnv } = options;
  const held = [...secrets, ...secretEnv];
  const given: Variable[] = [
    ...held.map(({ name, secret, key }) => ({
      name,
      valueFrom: { secretKeyRef: { name: secret, key } },
    })),
    ...env.map(({ name, value }) => ({ name, value: escapeExpansion(value) })),
  ];
  const names = given.map(({ name }) => name);
  const all = [
    ...given,
    ...(sendsWebhooks(options) ? sender(name).filter(({ name }) => !names.includes(name)) : []),
  ];
  if (all.length === 0) return undefined;
  return held.length === 0 ? all : note(all, secretsComment(options));
}

/** How each Secret is made. */
function secretsComment({ namespace, secrets, secretEnv }: ManifestOptions): string {
  const values = [...secrets, ...secretEnv.map((held) => ({ ...held, example: "VALUE" }))];
  const commands = [...Map.groupBy(values, ({ secret }) => secret)].map(([secret, held]) => {
    const literals = held.map(({ key, example }) => `  --from-literal=${key}=${example}`);
    const command = `${kubectlIn(namespace)} create secret generic ${secret}`;
    return [command, ...literals].join(" \\\n");
  });
  return [
    ...commands,
    ...secrets.some(({ option }) => option === "webhookSecret")
      ? [`SECRET is what the receivers have, too; ${newWebhookSecret}`]
      : [],
  ].join("\n");
}

/** The addresses may be in the arguments or, where they have credentials in them, in a Secret. */
function sendsWebhooks({ service, secrets }: ManifestOptions): boolean {
  return service.webhookUrl.length > 0 || secrets.some(({ option }) => option === "webhookUrl");
}

/** Who webhooks are from, by the downward API: https://kubernetes.io/docs/concepts/workloads/pods/downward-api/ */
function sender(name: string): Variable[] {
  const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } });
  return [
    { name: senderVariables.service, value: name },
    { name: senderVariables.namespace, ...field("metadata.namespace") },
    { name: senderVariables.pod, ...field("metadata.name") },
  ];
}
