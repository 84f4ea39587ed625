import { resolve as absolute } from "node:path";
import process from "node:process";
import { readArguments, tokenize } from "../../options/arguments.ts";
import { quote, UsageError } from "../../options/usage_error.ts";
import type { Command } from "../command.ts";
import { refuseBuiltin } from "../refuse_builtin.ts";
import { parseManifest } from "./manifest_parse.ts";
import { manifestCommand } from "./manifest.ts";
import { resourceName } from "./manifest_values.ts";

/** `hurricane init [folder]` */
export const initCommand: Command = {
  name: "init",
  positionals: "[folder]",
  summary: "Write a handler, a migration, a Dockerfile and a manifest, to begin with",
  flags: [],
  note: "Writes handler.ts, migrate.ts, package.json, Dockerfile, .dockerignore, .gitignore and " +
    "kubernetes.yaml, here or in the folder that is named. A package.json or .gitignore that is there " +
    "stays; where one of the others is there already, it writes nothing and exits 2.",
  example: "",
  examples: ["", "./shop"],
  async run(line, _environment, builtin) {
    refuseBuiltin(this.name, builtin);
    const { positionals: [folder = ".", ...more] } = readArguments(line, this.flags);
    if (folder === "" || more.length > 0) {
      throw new UsageError(
        `init takes one folder, not ${[folder, ...more].map(quote).join(" ")}`,
      );
    }
    const path = absolute(folder);
    // Late, so that help and errors do not wait for the YAML.
    const { layOut, nameFor, projectFiles } = await import("../project_files.ts");
    const { manifest } = await import("../../manifest/manifest.ts");
    const name = nameFor(path, (name) => resourceName.safeParse(name).success);
    const argv = ["./handler.ts", `--image=registry.example/${name}:1`, "--command=./migrate.ts"];
    const flags = [...manifestCommand.flags, ...manifestCommand.alsoTakes ?? []];
    const files = projectFiles(path, name, manifest(parseManifest(tokenize(argv, flags))));
    layOut(path, files);
    const cd = folder === "." ? "" : `cd ${folder} && `;
    process.stdout.write(
      `wrote ${Object.keys(files).join(", ")} in ${path}\n` +
        `next: ${cd}hurricane serve ./handler.ts --command ./migrate.ts --watch\n`,
    );
    return 0;
  },
};
