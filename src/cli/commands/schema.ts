import process from "node:process";
import { readArguments } from "../../options/arguments.ts";
import { quote, UsageError } from "../../options/usage_error.ts";
import type { Command } from "../command.ts";

/** `hurricane schema` */
export const schemaCommand: Command = {
  name: "schema",
  positionals: "",
  summary: "Print the JSON Schema of a file for --config",
  flags: [],
  example: "",
  examples: ["> hurricane.schema.json"],
  async run(line) {
    const { positionals: [word] } = readArguments(line, this.flags);
    if (word !== undefined) throw new UsageError(`schema takes nothing, not ${quote(word)}`);
    const { configSchema } = await import("../../options/json_schema.ts");
    process.stdout.write(`${JSON.stringify(configSchema(), undefined, 2)}\n`);
    return 0;
  },
};
