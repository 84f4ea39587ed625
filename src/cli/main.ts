import process from "node:process";
import type { BuiltinHandler } from "../app/handler.ts";
import { writeLines } from "../log/write.ts";
import { readArguments, tokenize } from "../options/arguments.ts";
import { visible } from "../plain_text.ts";
import { UsageError } from "../options/usage_error.ts";
import { releaseSignals } from "../early_signals.ts";
import { type Command, commandNames } from "./command.ts";
import { serveCommand } from "./commands/serve.ts";

/**
 * Runs the command line.
 *
 * @param argv The arguments after the program's name.
 * @param builtin A handler that is part of the program: `serve` is then meant where no command is
 * given, and takes no file.
 * @returns The exit code: 2 where the command line is wrong, with one line on standard error.
 */
export async function run(argv: string[], builtin?: BuiltinHandler): Promise<number> {
  try {
    return await dispatch(argv, builtin);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    writeLines(`hurricane: ${visible(error.message)}\n`);
    return 2;
  }
}

/** What is imported late is not for `serve`: a service does not wait for it. */
async function dispatch(argv: string[], builtin?: BuiltinHandler): Promise<number> {
  const commands = meansServe(argv, builtin) ? [serveCommand] : await allCommands();
  const flags = commands.flatMap(({ flags }) => flags);
  const line = tokenize(argv, flags);
  const word = line.tokens.find((token) => token.kind === "positional");
  const named = commands.find(({ name }) => name === word?.value);
  const command = named ?? (builtin === undefined ? undefined : serveCommand);

  const asksFor = (name: "help" | "version") =>
    line.tokens.some((token) => token.kind === "option" && token.name === name);
  if (asksFor("help") || (argv.length === 0 && command === undefined)) {
    const { printHelp } = await import("./help.ts");
    printHelp(command, builtin);
    return 0;
  }
  if (asksFor("version")) {
    const { printVersion } = await import("./help.ts");
    printVersion();
    return 0;
  }
  if (command === undefined) {
    // An option that no command has is the likelier mistake.
    readArguments(line, flags);
    const { noCommand } = await import("./commands.ts");
    throw noCommand(word?.value);
  }
  if (!command.serves) releaseSignals();
  const tokens = named === undefined ? line.tokens : line.tokens.filter((token) => token !== word);
  return await command.run({ argv, tokens }, process.env, builtin);
}

/** Can no other command be meant? This is told before the command line is read. */
function meansServe(argv: string[], builtin?: BuiltinHandler): boolean {
  if (argv[0] === serveCommand.name) return true;
  const names = new Set<string>(commandNames);
  return builtin !== undefined && !argv.some((word) => names.has(word));
}

async function allCommands(): Promise<Command[]> {
  const { commands } = await import("./commands.ts");
  return commands;
}
