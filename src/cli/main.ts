import process from "node:process";
import type { BuiltinHandler } from "../app/handler.ts";
import { type CommandLine, readArguments, tokenize } from "../options/arguments.ts";
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
    const { logFormatOf, tellUsageError } = await import(
      "./usage_log.ts" as string
    ) as typeof import("./usage_log.ts");
    tellUsageError(
      error,
      isServe(argv, builtin) ? logFormatOf(argv, process.env, builtin) : "pretty",
    );
    return 2;
  }
}

/** What is imported late is not for `serve`: a service does not wait for it. */
async function dispatch(given: string[], builtin?: BuiltinHandler): Promise<number> {
  const argv = asOptions(given);
  const commands = meansServe(argv, builtin) ? [serveCommand] : await allCommands();
  const flags = commands.flatMap(({ flags }) => flags);
  const line = tokenize(argv, flags);
  const word = line.tokens.find((token) => token.kind === "positional");
  const named = commands.find(({ name }) => name === word?.value);
  const command = named ?? (builtin === undefined ? undefined : serveCommand);

  const asksFor = (name: "help" | "version") =>
    line.tokens.some((token) => token.kind === "option" && token.name === name);
  // Of `help frobnicate` nothing else is known either.
  if (given[0] === "help" && word !== undefined && command === undefined) {
    const { noCommand } = await import("./commands.ts" as string) as typeof import("./commands.ts");
    throw noCommand(word.value);
  }
  if (asksFor("help") || (argv.length === 0 && command === undefined)) {
    const { printHelp } = await import("./help.ts" as string) as typeof import("./help.ts");
    printHelp(command, builtin);
    return 0;
  }
  if (asksFor("version")) {
    const { printVersion } = await import("./help.ts" as string) as typeof import("./help.ts");
    printVersion(builtin, builtin && await builtinVersion(builtin, line));
    return 0;
  }
  if (command === undefined) {
    // An option that no command has is the likelier mistake.
    readArguments(line, flags);
    const { noCommand } = await import("./commands.ts" as string) as typeof import("./commands.ts");
    throw noCommand(word?.value);
  }
  if (!command.serves) releaseSignals();
  const tokens = named === undefined ? line.tokens : line.tokens.filter((token) => token !== word);
  return await command.run({ argv, tokens }, process.env, builtin, commands);
}

/** What `--app-version` says. Whatever else may be wrong is not looked at: only this is asked for. */
async function builtinVersion(
  { defaults = [] }: BuiltinHandler,
  { tokens }: CommandLine,
): Promise<string | undefined> {
  const { serveFlags } = await import(
    "../options/serve_table.ts" as string
  ) as typeof import("../options/serve_table.ts");
  const given = (all: CommandLine["tokens"]): string | undefined => {
    const found = all.find((token) => token.kind === "option" && token.name === "app-version");
    return found?.kind === "option" ? found.value : undefined;
  };
  return given(tokens) ?? process.env["HURRICANE_APP_VERSION"] ??
    given(tokenize(defaults, serveFlags).tokens);
}

/** `help serve`, `version` and `-V` are what others have for `serve --help` and `--version`. */
function asOptions(argv: string[]): string[] {
  const [first, ...rest] = argv;
  if (first === "help") return [...rest, "--help"];
  return first === "version" || first === "-V" ? ["--version", ...rest] : argv;
}

/** Is a service meant, whose log is read by what collects logs? */
function isServe(argv: readonly string[], builtin?: BuiltinHandler): boolean {
  const names = new Set<string>(commandNames);
  const named = argv.find((word) => names.has(word));
  return named === serveCommand.name || (named === undefined && builtin !== undefined);
}

/** Can no other command be meant? This is told before the command line is read. */
function meansServe(argv: string[], builtin?: BuiltinHandler): boolean {
  if (argv[0] === serveCommand.name) return true;
  const names = new Set<string>(commandNames);
  return builtin !== undefined && !argv.some((word) => names.has(word));
}

async function allCommands(): Promise<Command[]> {
  const { commands } = await import("./commands.ts" as string) as typeof import("./commands.ts");
  return commands;
}
