import process from "node:process";
import type { BuiltinHandler } from "../app/handler.ts";
import { writeLine } from "../log.ts";
import { tokenize } from "./arguments.ts";
import { serveCommand } from "./commands/serve.ts";
import { UsageError } from "../options/usage_error.ts";

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
    if (isServe(argv, builtin)) {
      const own = argv[0] === serveCommand.name ? argv.slice(1) : argv;
      return await serveCommand.run(own, process.env, builtin);
    }
    // Late, so that a service does not wait for the other commands and the help.
    const { dispatch } = await import("./dispatch.ts");
    return await dispatch(argv, builtin);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    writeLine(`hurricane: ${error.message}\n`);
    return 2;
  }
}

/** Is it `serve` without a doubt, and no question about it? */
function isServe(argv: string[], builtin?: BuiltinHandler): boolean {
  const tokens = tokenize(argv, serveCommand.flags);
  const asks = tokens.some((token) =>
    token.kind === "option" && (token.name === "help" || token.name === "version")
  );
  if (asks) return false;
  if (argv[0] === serveCommand.name) return true;
  return builtin !== undefined && tokens.every(({ kind }) => kind === "option");
}
