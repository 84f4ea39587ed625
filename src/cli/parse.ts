import { statSync } from "node:fs";
import { resolve as absolute } from "node:path";
import type { BuiltinHandler } from "../app/handler.ts";
import { readArguments } from "./arguments.ts";
import { debuggerWarnings } from "../options/debugger.ts";
import { readVariables } from "../options/environment.ts";
import { type Given, wrongValue } from "../options/given.ts";
import type { Environment, Flag, Option } from "../options/option.ts";
import { serveFlags, serveOptions } from "../options/serve_table.ts";
import { resolve } from "../options/resolve.ts";
import type { ServeOptions } from "../options/serve_options.ts";
import { requireDirectories } from "../options/static.ts";
import { quote, UsageError } from "../options/usage_error.ts";
import { toggle } from "../options/values.ts";

/** What `hurricane serve` has to do. */
export interface ServeInvocation {
  /** Absolute path of the handler's module, or the name of the one that is built in. */
  handler: string;
  options: ServeOptions;
  /** For the log, once there is one. */
  warnings: string[];
}

/**
 * Reads what follows `hurricane serve`. A flag goes before a variable, and that before the default.
 *
 * @param argv The arguments without the command.
 * @param environment The variables.
 * @param builtin The handler that is part of the program, if one is. Its defaults go before those
 * of Hurricane, and after flags and variables.
 * @throws {UsageError} Anything that is wrong: nothing has been started.
 *
 * @example
 * ```ts
 * import { parseServe } from "./parse.ts";
 *
 * const argv = ["docs/examples/hello.ts", "--port", "80"];
 * const { options } = parseServe(argv, { HURRICANE_LOG_LEVEL: "warn" });
 * console.assert(options.probePort === 81 && options.logLevel === "warn");
 * ```
 */
export function parseServe(
  argv: string[],
  environment: Environment,
  builtin?: Builtin,
): ServeInvocation {
  const { options, given, warnings, positionals } = readServe(
    argv,
    serveFlags,
    environment,
    builtin,
  );
  const handler = builtin === undefined
    ? handlerFile(positionals, "serve")
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
    warnings: [
      ...warnings,
      ...withoutEffect(given, options),
      ...debuggerWarnings(options, environment),
    ],
  };
}

/** An image may set them for whoever develops with it, so they are no error. */
function withoutEffect(given: ReadonlyMap<string, Given>, options: ServeOptions): string[] {
  const pairs = [["watchPath", "autoreload"], ["debuggerPort", "debugger"]] as const;
  return pairs.flatMap(([key, needed]) => {
    const name = given.get(key)?.name;
    return name === undefined || options[needed]
      ? []
      : [`${name} means nothing without --${needed}`];
  });
}

/** What is known of a handler that is part of the program. */
export type Builtin = Pick<BuiltinHandler, "name" | "defaults">;

/** What {@linkcode readServe} makes of a command line. */
export interface ServeReading {
  options: ServeOptions;
  /** Where each option that is given comes from, by its key. */
  given: ReadonlyMap<string, Given>;
  /** As they stand on the command line, those of other commands among them. */
  flags: ReadonlyMap<Flag, Given>;
  positionals: string[];
  warnings: string[];
}

/**
 * The options of `serve` as a command sees them that knows only some of its flags, or others
 * besides: `hurricane probe` finds the probes of a service that was started with the same variables.
 *
 * @throws {UsageError} Anything that is wrong.
 */
export function readServe(
  argv: string[],
  known: Flag[],
  environment: Environment,
  builtin?: Builtin,
): ServeReading {
  const { given: flags, positionals } = readArguments(argv, known);
  const { given: variables, warnings } = readVariables(environment, serveFlags);
  const defaults = builtinDefaults(builtin);
  requireNoContradiction(flags);
  const given = new Map<string, Given>();
  for (const option of serveOptions) {
    const found = choose(option, flags, variables) ?? choose(option, defaults, new Map());
    if (found !== undefined) given.set(option.key, found);
  }
  return { options: resolve(given, environment), given, flags, positionals, warnings };
}

function builtinDefaults(builtin?: Builtin): ReadonlyMap<Flag, Given> {
  if (builtin?.defaults === undefined) return new Map();
  const { given, positionals } = readArguments([...builtin.defaults], serveFlags);
  if (positionals.length > 0) {
    throw new UsageError(`${quote(positionals[0])} is no option of serve`);
  }
  requireNoContradiction(given);
  return given;
}

/** A start is too short to look through all flags for each option. */
const waysToGive = Map.groupBy(serveFlags, ({ option }) => option);

/** The value that counts. Within one source, `--no-…` goes before a value. */
function choose(
  option: Option,
  flags: ReadonlyMap<Flag, Given>,
  variables: ReadonlyMap<Flag, Given>,
): Given | undefined {
  const ways = waysToGive.get(option) ?? [];
  const on = ways.find((flag) => !flag.off);
  const off = ways.find((flag) => flag.off);
  const offFlag = off && flags.get(off);
  if (offFlag !== undefined && isSet(offFlag, option)) return { ...offFlag, value: false };
  const onFlag = on && flags.get(on);
  if (onFlag !== undefined) return onFlag;
  const offVariable = off && variables.get(off);
  // `--no-metrics=false` takes back HURRICANE_NO_METRICS.
  if (offFlag === undefined && offVariable !== undefined && isSet(offVariable, option)) {
    return { ...offVariable, value: false };
  }
  return on && variables.get(on);
}

/** Is a flag or a variable `NO_…` true? */
function isSet(given: Given, option: Option): boolean {
  const read = toggle.safeParse(given.value);
  if (read.success) return read.data;
  throw wrongValue(given, { ...option, allowed: toggle.allowed });
}

/** Variables are spared: an image may set a path, and a deployment switch the thing off. */
function requireNoContradiction(flags: ReadonlyMap<Flag, Given>): void {
  for (const [flag, given] of flags) {
    if (!flag.off || !isSet(given, flag.option)) continue;
    const { key } = flag.option;
    for (const { flag: other, option, off } of flags.keys()) {
      if (!off && (option.key === key || option.needs === key)) {
        throw new UsageError(`${flag.flag} and ${other} contradict each other: give one of them`);
      }
    }
  }
}

/**
 * The one handler that is named.
 *
 * @param command What is to be done with it, for the error.
 * @returns Its absolute path.
 * @throws {UsageError} None is named, or several, or it is no file.
 */
export function handlerFile(positionals: string[], command: string): string {
  const [handler, ...more] = positionals;
  if (handler === undefined) {
    throw new UsageError(`no handler is given, as in: hurricane ${command} ./handler.ts`);
  }
  if (more.length > 0) {
    const words = positionals.map(quote).join(" ");
    throw new UsageError(
      `one handler is needed, not ${words} (several words of one value need quotes around them)`,
    );
  }
  const file = absolute(handler);
  const obstacle = whyNoFile(file);
  if (obstacle === undefined) return file;
  throw new UsageError(`the handler ${quote(handler)} cannot be used: ${obstacle}`);
}

/** What is in the way of importing a file, or `undefined`. */
function whyNoFile(file: string): string | undefined {
  try {
    const found = statSync(file);
    if (found.isFile()) return undefined;
    return found.isDirectory()
      ? `${file} is a directory, and a module in it is needed`
      : `${file} is no regular file`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? `there is no file ${file}` : `${file} cannot be reached (${code})`;
  }
}

/** Refuses a handler where one is built in. */
export function noHandlerFile(positionals: string[], builtin: string): string {
  if (positionals.length === 0) return builtin;
  throw new UsageError(
    `${positionals.map(quote).join(" ")} is one too many: the handler ${builtin} is built in`,
  );
}
