import process from "node:process";
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
  ],
  async run(line, _environment, builtin) {
    const options = parseManifest(line, builtin);
    // Late, so that help and errors do not wait for the YAML.
    const { manifest } = await import("../../manifest/manifest.ts");
    const text = manifest(options);
    await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
    return 0;
  },
};
