import type { BuiltinHandler } from "../app/handler.ts";
import type { CommandLine } from "../options/arguments.ts";
import type { Environment, Flag } from "../options/option.ts";

/** The names of all commands: known without loading them. */
export const commandNames = [
  "serve",
  "consume",
  "init",
  "build",
  "probe",
  "manifest",
  "schema",
  "completions",
  "man",
] as const;

/** A command of `hurricane`. There is one file for each, and `commands.ts` lists them. */
export interface Command {
  name: typeof commandNames[number];
  /** What follows the name, as in `<handler>`. Empty for nothing. */
  positionals: string;
  /** Are the positionals a handler? With one that is built in there are none. */
  takesHandler?: true;
  /** Does it run a service? */
  serves?: true;
  /** What it does, in a line for the list of commands. */
  summary: string;
  flags: Flag[];
  /** Flags of another command that it takes as well, and that its help does not list. */
  alsoTakes?: Flag[];
  /** What its help says of an option, by its key, where that is not what the option's own help says. */
  texts?: Readonly<Record<string, string>>;
  /** Are its options variables, too? */
  variables?: true;
  /** What else its help has to say of them. */
  note?: string;
  /** What stands for the positionals in an example: `./handler.ts`. */
  example: string;
  /** The rest of the examples: options. */
  examples: string[];
  /**
   * Runs it.
   *
   * @param line The command line without the command's name.
   * @param builtin The handler that is part of the program, if one is.
   * @param commands All that there are; for those that serve nothing.
   * @returns The exit code.
   * @throws {UsageError} If it is used wrongly.
   */
  run(
    line: CommandLine,
    environment: Environment,
    builtin: BuiltinHandler | undefined,
    commands: readonly Command[],
  ): Promise<number>;
}
