import process from "node:process";
import { writeLines } from "../../log/write.ts";
import type { ManifestOptions } from "../../manifest/options.ts";
import { manifestWarnings } from "../../manifest/warnings.ts";
import { serveFlags } from "../../options/serve_table.ts";
import type { Command } from "../command.ts";
import { parseManifest } from "./manifest_parse.ts";
import { manifestFlags } from "./manifest_table.ts";

/** `hurricane manifest [handler] --image IMAGE` */
export const manifestCommand: Command = {
  name: "manifest",
  positionals: "[handler]",
  takesHandler: true,
  summary: "Print Kubernetes YAML that fits an image and the options of serve",
  flags: manifestFlags,
  alsoTakes: serveFlags,
  note: "All options of serve can be given as well, and the manifest fits them. The handler is a " +
    "path in the image; without one, the image must hold a program with a built-in handler. " +
    "Variables do not count: only what is given here gets into the manifest.",
  example: "./handler.ts",
  examples: [
    "--image example.com/web:1 | kubectl apply -f -",
    "--image example.com/web:1 --port 80 --startup-timeout 10m",
    "--image example.com/web:1 --autoscale 2..10 --monitor",
    "--image example.com/web:1 --kustomize k8s/base",
  ],
  async run(line, _environment, builtin) {
    const options = parseManifest(line, builtin);
    for (const warning of manifestWarnings(options)) {
      writeLines(`hurricane: warning: ${warning}\n`);
    }
    // Late, so that help and errors do not wait for the YAML.
    const text = options.kustomize === undefined
      ? (await import("../../manifest/manifest.ts")).manifest(options)
      : await writeBase(options, options.kustomize);
    await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
    return 0;
  },
};

/** Writes a base for kustomize, and gives what is to be said of it. */
async function writeBase(options: ManifestOptions, directory: string): Promise<string> {
  const { kustomize } = await import("../../manifest/kustomize.ts");
  const { writeFolder } = await import("./manifest_folder.ts");
  const files = kustomize(options);
  writeFolder(directory, files);
  return `${directory}: ${Object.keys(files).join(", ")}\n`;
}
