import process from "node:process";
import { readArguments } from "../../options/arguments.ts";
import { quote, UsageError } from "../../options/usage_error.ts";
import type { Command } from "../command.ts";
import { refuseBuiltin } from "../refuse_builtin.ts";

/** `hurricane man` */
export const manCommand: Command = {
  name: "man",
  positionals: "",
  summary: "Print the manual page, hurricane(1)",
  flags: [],
  example: "",
  examples: ["> ~/.local/share/man/man1/hurricane.1"],
  async run(line, _environment, builtin, commands) {
    refuseBuiltin(this.name, builtin);
    const { positionals: [word] } = readArguments(line, this.flags);
    if (word !== undefined) throw new UsageError(`man takes nothing, not ${quote(word)}`);
    const { manualPage } = await import("../manual/page.ts");
    process.stdout.write(manualPage(commands));
    return 0;
  },
};
