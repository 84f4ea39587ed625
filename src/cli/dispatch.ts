import { existsSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { type CAC, cac } from "cac";
import type { BuiltinHandler } from "../app/handler.ts";
import { isScript } from "../commands/words.ts";
import { runtime } from "../runtime/mod.ts";
import { releaseSignals } from "../supervisor/signals.ts";
import { version } from "../version.ts";
import { readArguments, tokenize } from "./arguments.ts";
import type { Command } from "./command.ts";
import { commandHelp, type HelpSection } from "./help.ts";
import { manifestCommand } from "./commands/manifest.ts";
import { suggestion } from "../options/nearest.ts";
import { buildCommand } from "./commands/build.ts";
import { probeCommand } from "./commands/probe.ts";
import { serveCommand } from "./commands/serve.ts";
import { quote, UsageError } from "../options/usage_error.ts";

const commands: Command[] = [serveCommand, buildCommand, probeCommand, manifestCommand];

/**
 * Runs any command, or prints the help.
 *
 * @returns The exit code.
 * @throws {UsageError} If the command line is wrong.
 */
export async function dispatch(argv: string[], builtin?: BuiltinHandler): Promise<number> {
  const flags = commands.flatMap(({ flags }) => flags);
  const tokens = tokenize(argv, flags);
  const options = tokens.filter((token) => token.kind === "option").map(({ name }) => name);
  const help = options.includes("help");
  if (options.includes("version") && !help) {
    console.info(`hurricane ${version} (${runtime.name} ${runtime.version}, ${runtime.target})`);
    return 0;
  }
  const word = tokens.find((token) => token.kind === "positional");
  const cli = createCli(builtin);
  cli.parse(["", "", ...forCac(word?.value, help)], { run: false });
  if (help) return 0;
  if (argv.length === 0 && builtin === undefined) {
    cli.outputHelp();
    return 0;
  }
  const command = commands.find(({ name }) => name === cli.matchedCommand?.name);
  if (command === undefined) {
    // An option that no command has is the likelier mistake.
    readArguments(argv, flags);
    throw noCommand(word?.value);
  }
  if (!command.implied) releaseSignals();
  const named = cli.matchedCommandName === undefined ? undefined : word?.index;
  return await command.run(argv.filter((_, index) => index !== named), process.env, builtin);
}

/** The command and `--help`: what cac would lose of the options is said at `tokenize`. */
function forCac(word: string | undefined, help: boolean): string[] {
  const command = word === undefined || word.startsWith("-") ? [] : [word];
  return help ? [...command, "--help"] : command;
}

/** An executable is called by its own name, whatever it was built as. */
function programName(builtin?: BuiltinHandler): string {
  if (builtin === undefined) return "hurricane";
  return runtime.compiled ? basename(process.execPath) : builtin.name;
}

function createCli(builtin?: BuiltinHandler): CAC {
  const cli = cac(programName(builtin));
  for (const { name, summary, examples, implied, takesHandler, ...command } of commands) {
    // As the program is called with a built-in handler: by its name alone, and without a file.
    const nameless = builtin !== undefined && implied;
    const handlerless = builtin !== undefined && takesHandler;
    const positionals = handlerless ? "" : command.positionals;
    const example = handlerless ? "" : command.example;
    const added = cli.command(words(name, positionals), summary);
    if (nameless) added.alias("!");
    const called = nameless ? "" : name;
    added.usage(words(called, positionals, "[options]"));
    for (const options of examples) {
      added.example((program) => `  $ ${words(program, called, example, options)}`);
    }
  }
  cli.option("-v, --version", "Print the versions of Hurricane and of the runtime");
  cli.help((sections) => layOut(sections, cli.matchedCommand?.name, builtin));
  return cli;
}

function words(...parts: string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}

/** cac's sections, with the options of a command by their groups. */
function layOut(
  sections: HelpSection[],
  name: string | undefined,
  builtin?: BuiltinHandler,
): HelpSection[] {
  const body = (title: string) => sections.find((section) => section.title === title)?.body ?? "";
  const command = commands.find((command) => command.name === name);
  if (command !== undefined) {
    return commandHelp(command, body("Usage"), body("Examples"), builtin);
  }
  const [, ...rest] = sections;
  return [
    { body: "Hurricane makes a fetch handler a good citizen of Kubernetes." },
    ...rest.map((section) => ({ ...section, body: section.body.replaceAll(/ +$/gm, "") })),
  ];
}

function noCommand(word: string | undefined): UsageError {
  const names = commands.map(({ name }) => name);
  if (word === undefined) {
    return new UsageError(`no command is given; there are ${names.join(", ")} (and --help)`);
  }
  if (isScript(word) || existsSync(word)) {
    return new UsageError(
      `unknown command ${quote(word)}; did you mean "hurricane serve ${word}"?`,
    );
  }
  const near = suggestion(word, [...names, "--help", "--version"]);
  return new UsageError(
    `unknown command ${quote(word)}${near || `; there are ${names.join(", ")} (and --help)`}`,
  );
}
