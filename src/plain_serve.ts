import { resolve } from "node:path";
import type { BuiltinHandler } from "./app/handler.ts";
import type { Environment } from "./options/option.ts";

/** Commands have to run before the handler's process, and a file may name some; help and version are asked for in its place. */
const startsNoHandlerYet = /^(--command|--config|--help|--version|-h|-v)(=|$)/;

/**
 * Will this command line most likely start the handler's process, and at once? Then it can be started
 * while the command line is read. A guess, made before anything is loaded that could read it: where
 * it is wrong, a process has been started in vain.
 *
 * @param argv The arguments after the program's name.
 * @param builtin A handler that is part of the program, which serves without being told to.
 */
export function isPlainServe(
  argv: readonly string[],
  environment: Environment,
  builtin?: BuiltinHandler,
): boolean {
  const [first = "-"] = argv;
  const serves = first === "serve" || (builtin !== undefined && first.startsWith("-"));
  const words = [...argv, ...builtin?.defaults ?? []];
  return serves && environment["HURRICANE_COMMAND"] === undefined &&
    environment["HURRICANE_CONFIG"] === undefined &&
    !words.some((word) => startsNoHandlerYet.test(word));
}

/** The handler that such a command line most likely names, by its absolute path. */
export function likelyHandler(
  argv: readonly string[],
  builtin?: BuiltinHandler,
): string | undefined {
  const [, named = "-"] = argv;
  return builtin !== undefined || named.startsWith("-") ? undefined : resolve(named);
}
