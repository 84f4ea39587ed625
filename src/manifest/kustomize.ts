/**
 * The same resources as a base for kustomize: a file for each, and what they are listed in.
 *
 * @module
 */
import { resources, saying } from "./manifest.ts";
import { withoutNote } from "./note.ts";
import type { ManifestOptions } from "./options.ts";
import { render, yaml } from "./render.ts";

/** What makes a directory one of kustomize's. */
export const kustomizationFile = "kustomization.yaml";

/** Which names are names of other resources, for kustomize. */
const referencesFile = "references.yaml";

/** Where a resource that kustomize does not know names another one. */
const references = [
  ["Deployment", "apps", [["ScaledObject", "spec/scaleTargetRef/name"]]],
  ["Service", "", [["HTTPRoute", "spec/rules/backendRefs/name"]]],
  ["Secret", "", [["TriggerAuthentication", "spec/secretTargetRef/name"]]],
  ["TriggerAuthentication", "keda.sh", [[
    "ScaledObject",
    "spec/triggers/authenticationRef/name",
  ]]],
] as const;

/** The text of each file, by its name. */
export function kustomize(options: ManifestOptions): Record<string, string> {
  const made = resources(options);
  const files = made.map((resource) => {
    const kind = String(withoutNote(withoutNote(resource).kind));
    return { kind, name: `${inKebabCase(kind)}.yaml`, text: render([resource], saying) };
  });
  const kinds = files.map(({ kind }) => kind);
  const nameReference = references.flatMap(([kind, group, fields]) => {
    const fieldSpecs = fields.filter(([of]) => kinds.includes(of))
      .map(([kind, path]) => ({ kind, path }));
    return fieldSpecs.length === 0
      ? []
      : [{ kind, group: group === "" ? undefined : group, fieldSpecs }];
  });
  const refers = nameReference.length > 0;
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: files.map(({ name }) => name),
    configurations: refers ? [referencesFile] : undefined,
  };
  return {
    [kustomizationFile]: yaml([kustomization], saying),
    ...Object.fromEntries(files.map(({ name, text }) => [name, text])),
    ...(refers
      ? {
        [referencesFile]: yaml(
          [{ nameReference }],
          "Where names are those of other resources, so that namePrefix and nameSuffix reach them.\n" +
            "What they do not reach are the queries of a ScaledObject and the rules of a PrometheusRule.",
        ),
      }
      : {}),
  };
}

/** `HTTPRoute` is `http-route`. */
function inKebabCase(kind: string): string {
  return kind.replaceAll(/([a-z])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$&-").toLowerCase();
}
