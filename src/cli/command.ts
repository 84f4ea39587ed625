import type { BuiltinHandler } from "../app/handler.ts";
import type { Environment, Flag } from "../options/option.ts";

/** A command of `hurricane`. There is one file for each, and `main.ts` lists them. */
export interface Command {
  name: string;
  /** What follows the name, as in `<handler>`. Empty for nothing. */
  positionals: string;
  /** Are the positionals a handler? With one that is built in there are none. */
  takesHandler?: true;
  /** What it does: a line for the list of commands. */
  summary: string;
  flags: Flag[];
  /** Are its options variables, too? */
  variables?: true;
  /** What else its help has to say of them. */
  note?: string;
  /** What stands for the positionals in an example: `./handler.ts`. */
  example: string;
  /** The rest of the examples: options. */
  examples: string[];
  /** Is it meant where a program with a built-in handler is started without a command? */
  implied?: true;
  /**
   * Does it.
   *
   * @param argv The arguments without the command's name.
   * @param builtin The handler that is part of the program, if one is.
   * @returns The exit code.
   * @throws {UsageError} If it is used wrongly.
   */
  run(argv: string[], environment: Environment, builtin?: BuiltinHandler): Promise<number>;
}
