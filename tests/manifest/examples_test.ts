import { describe, test, type TestContext } from "node:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { splitCommand } from "../../src/commands/words.ts";
import { kustomize } from "../../src/manifest/kustomize.ts";
import { manifest } from "../../src/manifest/manifest.ts";
import { parseManifest } from "../cli/parsed.ts";
import { helm, kubectl, kubernetesToolsMissing } from "../support/kubernetes/tools.ts";
import { type Made, readManifest, readResources } from "./made.ts";
import type { Read } from "./published.ts";

const examples = fileURLToPath(new URL("../../docs/examples/", import.meta.url));

/** The commands of an example's page, as words, by what they begin with. */
function commandOf(example: string, beginning: string): string[] {
  const page = readFileSync(join(examples, example, "README.md"), "utf8");
  const commands = [...page.matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap(([, block = ""]) => block.replaceAll("\\\n", " ").trim().split("\n"));
  const command = commands.find((command) => command.startsWith(`${beginning} `));
  assert(command !== undefined, `${example} has no command ${beginning}`);
  return splitCommand(command.slice(beginning.length));
}

function byKind(text: string): Record<string, Read> {
  return Object.fromEntries(readResources(text).map((resource) => [resource.kind, resource]));
}

function skipped(t: TestContext): boolean {
  if (kubernetesToolsMissing === undefined) return false;
  t.diagnostic(kubernetesToolsMissing);
  t.skip(kubernetesToolsMissing);
  return true;
}

describe("the example of kustomize", () => {
  test("has the base that its command writes", () => {
    const options = parseManifest(commandOf("kustomize", "hurricane manifest"));
    assertEquals(options.kustomize, "base");
    const base = join(examples, "kustomize", "base");
    const files = readdirSync(base)
      .map((name) => [name, readFileSync(join(base, name), "utf8")]);
    assertEquals(Object.fromEntries(files), kustomize(options));
  });

  function variant(name: string): Made {
    const { status, stdout, stderr } = kubectl("kustomize", join(examples, "kustomize", name));
    assertEquals([status, stderr], [0, ""]);
    const namespaces = readResources(stdout).map(({ metadata }) => metadata.namespace);
    assertEquals(new Set(namespaces), new Set([name]));
    return readManifest(stdout);
  }

  test("has a variant for tests", (t) => {
    if (skipped(t)) return;
    assertEquals(commandOf("kustomize", "kubectl apply"), ["-k", "test"]);
    const { deployment, container, ingress } = variant("test");
    assertEquals([deployment.spec.replicas, container.image], [1, "registry.example/web:latest"]);
    assertEquals(ingress?.spec.rules.map(({ host }) => host), ["web.test.example.com"]);
  });

  test("has a variant for production", (t) => {
    if (skipped(t)) return;
    const { deployment, container, ingress } = variant("production");
    assertEquals([deployment.spec.replicas, container.image], [4, "registry.example/web:1.4.2"]);
    assertEquals(container.resources, {
      requests: { cpu: "100m", memory: "1Gi" },
      limits: { memory: "1Gi" },
    });
    assertEquals(ingress?.spec.rules.map(({ host }) => host), ["web.example.com"]);
  });
});

test("the example of Helm is what its page says that manifest writes", (t) => {
  if (skipped(t)) return;
  const folder = join(examples, "helm");
  const [install, release = "", chart = "", ...words] = commandOf("helm", "helm upgrade");
  assertEquals(install, "--install");
  const values = words.indexOf("--values") + 1;
  const args = words.with(values, join(folder, words[values] ?? ""));
  const { status, stdout, stderr } = helm("template", release, join(folder, chart), ...args);
  assertEquals([status, stderr], [0, ""]);
  const options = parseManifest(commandOf("helm", "hurricane manifest"));
  assertEquals(byKind(stdout), byKind(manifest(options)));
});
