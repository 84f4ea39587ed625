import { existsSync } from "node:fs";
import { isScript } from "../commands/words.ts";
import { suggestion } from "../options/nearest.ts";
import { quote, UsageError } from "../options/usage_error.ts";
import { type Command, commandNames } from "./command.ts";
import { buildCommand } from "./commands/build.ts";
import { completionsCommand } from "./commands/completions.ts";
import { consumeCommand } from "./commands/consume.ts";
import { initCommand } from "./commands/init.ts";
import { manCommand } from "./commands/man.ts";
import { manifestCommand } from "./commands/manifest.ts";
import { probeCommand } from "./commands/probe.ts";
import { schemaCommand } from "./commands/schema.ts";
import { serveCommand } from "./commands/serve.ts";

/** All commands, in the order of the help. */
export const commands: Command[] = [
  serveCommand,
  consumeCommand,
  initCommand,
  buildCommand,
  probeCommand,
  manifestCommand,
  schemaCommand,
  completionsCommand,
  manCommand,
];

/**
 * The error about a command line that names no command.
 *
 * @param word What stands where its name should be, if anything does.
 */
export function noCommand(word: string | undefined): UsageError {
  const there = `there are ${commandNames.join(", ")} (and --help)`;
  if (word === undefined) return new UsageError(`no command is given; ${there}`);
  if (isScript(word) || existsSync(word)) {
    return new UsageError(
      `unknown command ${quote(word)}; did you mean "hurricane serve ${word}"?`,
    );
  }
  const near = suggestion(word, [...commandNames, "--help", "--version"]);
  return new UsageError(`unknown command ${quote(word)}${near || `; ${there}`}`);
}
