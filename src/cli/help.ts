import { basename } from "node:path";
import process from "node:process";
import { type CAC, cac } from "cac";
import type { BuiltinHandler } from "../app/handler.ts";
import { runtime } from "../runtime/mod.ts";
import { version } from "../version.ts";
import type { Command } from "./command.ts";
import { commands } from "./commands.ts";
import { commandHelp, overview } from "./help_layout.ts";

/**
 * Prints the help.
 *
 * @param command What it is about; without one, it lists the commands.
 * @param builtin The handler that is part of the program, if one is.
 */
export function printHelp(command: Command | undefined, builtin?: BuiltinHandler): void {
  const cli = declareCommands(builtin);
  cli.option("-v, --version", "Print the versions of Hurricane and of the runtime");
  cli.help((sections) =>
    command === undefined ? overview(sections) : commandHelp(command, sections, builtin)
  );
  cli.matchedCommand = cli.commands.find(({ name }) => name === command?.name);
  cli.outputHelp();
}

/** Prints what `--version` asks for: of a program with a handler in it its own version, if it has one, first. */
export function printVersion(builtin?: BuiltinHandler, appVersion?: string): void {
  if (appVersion !== undefined) console.info(`${programName(builtin)} ${appVersion}`);
  console.info(`hurricane ${version} (${runtime.name} ${runtime.version}, ${runtime.target})`);
}

/** Tells cac how each command is called, and with which examples. */
function declareCommands(builtin?: BuiltinHandler): CAC {
  const cli = cac(programName(builtin));
  for (const command of commands) {
    const { positionals, example } = builtin !== undefined && command.takesHandler
      ? { positionals: "", example: "" }
      : command;
    const declared = cli.command(words(command.name, positionals), command.summary);
    // A program with a handler in it serves without being told to.
    const called = builtin !== undefined && command.name === "serve" ? "" : command.name;
    declared.usage(words(called, positionals, "[options]"));
    for (const options of command.examples) {
      declared.example((program) => `  $ ${words(program, called, example, options)}`);
    }
  }
  return cli;
}

/** An executable is called by its own name, whatever it was built as. */
function programName(builtin?: BuiltinHandler): string {
  if (builtin === undefined) return "hurricane";
  return runtime.compiled ? basename(process.execPath) : builtin.name;
}

function words(...parts: string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}
