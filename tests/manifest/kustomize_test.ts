import { describe, test, type TestContext } from "node:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertEquals, assertMatch } from "@std/assert";
import { writeFolder } from "../../src/cli/commands/manifest_folder.ts";
import { kustomize } from "../../src/manifest/kustomize.ts";
import type { HttpRoute, Ingress, ScaledObject } from "../../src/manifest/kubernetes.ts";
import { manifest } from "../../src/manifest/manifest.ts";
import { parseManifest } from "../cli/parsed.ts";
import { kubectl, kubernetesToolsMissing } from "../support/kubernetes/tools.ts";
import { TempDir } from "../support/temp_dir.ts";
import { image, readResources } from "./made.ts";
import type { Read } from "./published.ts";

/** Options by which everything that a manifest may hold is in one. */
const everything = [
  ...["./handler.ts", "--image", image, "--name=shop", "--autoscale=2..5", "--monitor"],
  ...["--dashboard", "--network-policy", "--ingress=a.example", "--route=b.example"],
  ...["--gateway=infra/public", "--amqp-queue=jobs", "--secret-env=HURRICANE_AMQP_URL=mq/url"],
  ...["--env=ON=yes", "--env=AT=1:30", "--command=sh -c 'echo \"$(HOME) #\"'"],
  ...["--tls-cert=/etc/tls/tls.crt", "--tls-key=/etc/tls/tls.key"],
];

/** What kustomize makes of a directory. */
function built(directory: string): Read[] {
  const { status, stdout, stderr } = kubectl("kustomize", directory);
  assertEquals([status, stderr], [0, ""]);
  return readResources(stdout);
}

/** In an order of their own: kustomize has another one. */
function byKind(resources: Read[]): Record<string, Read> {
  return Object.fromEntries(resources.map((resource) => [resource.kind, resource]));
}

/** What kustomize makes of a base with something laid over it. */
function laidOver(args: string[], overlay: string): Record<string, Read> {
  using folder = new TempDir();
  writeFolder(join(folder.path, "base"), kustomize(parseManifest(args)));
  const variant = join(folder.path, "variant");
  mkdirSync(variant);
  writeFileSync(join(variant, "kustomization.yaml"), `resources: [../base]\n${overlay}\n`);
  return byKind(built(variant));
}

function skipped(t: TestContext): boolean {
  if (kubernetesToolsMissing === undefined) return false;
  t.diagnostic(kubernetesToolsMissing);
  t.skip(kubernetesToolsMissing);
  return true;
}

describe("a base for kustomize", () => {
  for (
    const args of [["--image", image], [...everything], [...everything, "--namespace=1e3"]]
  ) {
    test(`is what the manifest is: ${args.length} words`, (t) => {
      if (skipped(t)) return;
      using folder = new TempDir();
      writeFolder(folder.path, kustomize(parseManifest(args)));
      const expected = readResources(manifest(parseManifest(args)));
      assertEquals(byKind(built(folder.path)), byKind(expected));
    });
  }

  test("has a file for each resource, called after its kind", () => {
    assertEquals(Object.keys(kustomize(parseManifest(everything))), [
      "kustomization.yaml",
      ...["deployment.yaml", "service.yaml", "http-route.yaml", "ingress.yaml"],
      ...["pod-disruption-budget.yaml", "network-policy.yaml", "scaled-object.yaml"],
      ...["trigger-authentication.yaml", "pod-monitor.yaml", "prometheus-rule.yaml"],
      ...["config-map.yaml", "references.yaml"],
    ]);
    assertEquals(Object.keys(kustomize(parseManifest(["--image", image]))), [
      ...["kustomization.yaml", "deployment.yaml", "service.yaml", "pod-disruption-budget.yaml"],
    ]);
  });

  test("has names that nameSuffix reaches wherever they are those of another resource", (t) => {
    if (skipped(t)) return;
    const { Deployment, ScaledObject, HTTPRoute, Ingress } = laidOver(
      everything,
      'namePrefix: eu-\nnameSuffix: "-2"',
    );
    assertEquals(Deployment?.metadata.name, "eu-shop-2");
    const { scaleTargetRef, triggers } = (ScaledObject as unknown as ScaledObject).spec;
    assertEquals(scaleTargetRef.name, "eu-shop-2");
    assertEquals(triggers.at(-1)?.authenticationRef?.name, "eu-shop-2");
    const [rule] = (HTTPRoute as unknown as HttpRoute).spec.rules;
    assertEquals(rule?.backendRefs[0]?.name, "eu-shop-2");
    const [path] = (Ingress as unknown as Ingress).spec.rules[0]?.http.paths ?? [];
    assertEquals(path?.backend.service.name, "eu-shop-2");
    // What the guide says that it does not reach.
    assertMatch(triggers[0]?.metadata.query ?? "", /pod=~"shop-/);
  });

  test("finds a Secret that kustomize makes, under the name that it gives it", (t) => {
    if (skipped(t)) return;
    const { Secret, TriggerAuthentication, Deployment } = laidOver(
      everything,
      "secretGenerator: [{ name: mq, literals: [url=amqp://a:b@broker] }]",
    );
    const name = Secret?.metadata.name ?? "";
    assertMatch(name, /^mq-\w+$/);
    const references = JSON.stringify([TriggerAuthentication, Deployment]);
    assertEquals(references.split(`"${name}"`).length, 3);
  });
});
