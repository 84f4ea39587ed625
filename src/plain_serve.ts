import type { BuiltinHandler } from "./app/handler.ts";
import type { Environment } from "./options/option.ts";

/** What comes before the handler's process, or in its place. */
const others = /^(--command|--help|--version|-h|-v)(=|$)/;

/**
 * Is this command line most likely one of `serve` that starts the handler's process at once? A guess,
 * made before anything is loaded that could read it.
 */
export function isPlainServe(
  argv: readonly string[],
  environment: Environment,
  builtin?: BuiltinHandler,
): boolean {
  const [first] = argv;
  const serves = first === "serve" || builtin !== undefined && (first ?? "-").startsWith("-");
  return serves && environment["HURRICANE_COMMAND"] === undefined &&
    ![...argv, ...builtin?.defaults ?? []].some((word) => others.test(word));
}
