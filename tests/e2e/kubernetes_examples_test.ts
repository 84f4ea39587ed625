import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { expand } from "../manifest/expand.ts";
import { readManifest } from "../manifest/made.ts";
import { form, launch } from "../support/hurricane.ts";
import { helm, kubectl, kubernetesToolsMissing } from "../support/kubernetes/tools.ts";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const examples = join(docs, "examples");

/** What makes the resources of each example. */
const ways: Record<string, () => string> = {
  kustomize: () => kubectl("kustomize", join(examples, "kustomize", "production")).stdout,
  helm: () => {
    const values = join(examples, "helm", "values.yaml");
    return helm("template", "web", join(docs, "helm", "hurricane"), "--values", values).stdout;
  },
};

describe(`the container of an example (${form})`, () => {
  for (const [name, resources] of Object.entries(ways)) {
    test(`of ${name} serves the example's image`, async (t) => {
      if (kubernetesToolsMissing !== undefined) {
        t.diagnostic(kubernetesToolsMissing);
        t.skip(kubernetesToolsMissing);
        return;
      }
      const { container } = readManifest(resources());
      const [serve, handler, ...args] = (container.args ?? []).map((argument) => expand(argument));
      assertEquals([serve, handler], ["serve", "./handler.ts"]);
      const file = (name: string) => readFileSync(join(examples, "image", name), "utf8");
      const env = (container.env ?? []).flatMap(({ name, value }) =>
        value === undefined ? [] : [[name, expand(value)]]
      );
      await using hurricane = launch(file("handler.ts"), {
        args,
        env: Object.fromEntries(env),
        files: { "migrate.ts": file("migrate.ts") },
        packages: ["hono"],
      });
      await hurricane.serving();
      const said = hurricane.log.items.map(({ message }) => message).join("\n");
      assertStringIncludes(said, "[migrate.ts] nothing to migrate on ");
      assertEquals((await hurricane.get()).text, "hello from the image\n");
      const { startupProbe, readinessProbe, livenessProbe } = container;
      for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
        const path = probe?.httpGet.path ?? "";
        assertEquals((await hurricane.probe(path)).status, 200, path);
      }
      assertEquals(await hurricane.stop(), 0);
    });
  }
});
