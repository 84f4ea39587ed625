import type { BuiltinHandler } from "../../app/handler.ts";
import { type CommandLine, readArguments } from "../../options/arguments.ts";
import { serviceFlags } from "../../options/config_file.ts";
import type { ConfigFile } from "../../options/config_toml.ts";
import { requireDirectories } from "../../options/files.ts";
import type { Environment } from "../../options/option.ts";
import { readServe } from "../../options/precedence.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import { UsageError } from "../../options/usage_error.ts";
import { warningsAbout } from "../../options/warnings.ts";
import { handlerFile, noHandlerFile } from "../handler_file.ts";

/** What `hurricane serve` has to do. */
export interface ServeInvocation {
  /** Absolute path of the handler's module, or the name of the one that is built in. */
  handler: string;
  options: ServiceOptions;
  /** For the log, once there is one. */
  warnings: string[];
}

/**
 * Reads what follows `hurricane serve`.
 *
 * @param line The command line without the command.
 * @param environment The variables.
 * @param builtin The handler that is part of the program, if one is. Its defaults go before those
 * of Hurricane, and after flags, variables and the file.
 * @param as The command that serves, and what it has as its defaults.
 * @param file What stands in the file that `--config` names.
 * @throws {UsageError} Anything that is wrong: nothing has been started.
 *
 * @example
 * ```ts
 * import { tokenize } from "../../options/arguments.ts";
 * import { serveFlags } from "../../options/serve_table.ts";
 * import { parseServe } from "./serve_parse.ts";
 *
 * const line = tokenize(["docs/examples/hello.ts", "--port", "80"], serveFlags);
 * const { options } = parseServe(line, { HURRICANE_LOG_LEVEL: "warn" });
 * console.assert(options.probePort === 81 && options.logLevel === "warn");
 * ```
 */
export function parseServe(
  line: CommandLine,
  environment: Environment,
  builtin?: Pick<BuiltinHandler, "name" | "defaults">,
  as: { command: string; defaults: readonly string[] } = { command: "serve", defaults: [] },
  file?: ConfigFile,
): ServeInvocation {
  const { given: flags, positionals } = readArguments(line, serviceFlags);
  const { options, given, warnings } = readServe(
    flags,
    environment,
    builtin?.defaults,
    as.defaults,
    file,
  );
  const handler = builtin === undefined
    ? handlerFile(positionals, as.command)
    : noHandlerFile(positionals, builtin.name);
  if (builtin !== undefined && options.autoreload) {
    throw new UsageError(
      `--autoreload needs a file that can be edited, and ${handler} is built in`,
    );
  }
  requireDirectories(options.static, given.get("static")?.name ?? "--static");
  return {
    handler,
    options,
    warnings: [...warnings, ...warningsAbout(options, given, environment)],
  };
}
