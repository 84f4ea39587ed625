/**
 * Where the options of `serve` come from, and which source counts: a flag before a variable, that
 * before a file, that before what is built into the program, and that before the default.
 *
 * @module
 */
import { readArguments, tokenize } from "./arguments.ts";
import { serviceFlags } from "./config_file.ts";
import type { ConfigFile } from "./config_toml.ts";
import { readVariables } from "./environment.ts";
import { type Given, wrongValue } from "./given.ts";
import type { Environment, Flag, Option } from "./option.ts";
import { resolve } from "./resolve.ts";
import { serveFlags, serveOptions } from "./serve_table.ts";
import type { ServiceOptions } from "./service_options.ts";
import { quote, UsageError } from "./usage_error.ts";
import { toggle } from "./values.ts";

/** The options of `serve`, and what is known of where they come from. */
export interface ServeReading {
  options: ServiceOptions;
  /** Where each option that is given comes from, by its key. */
  given: ReadonlyMap<string, Given>;
  /** Variables that are ignored, one line each. */
  warnings: string[];
}

/**
 * Reads the options of `serve` from all of their sources.
 *
 * Other commands use it, too: `hurricane probe` finds the probes of a service that was started with
 * the same variables.
 *
 * @param flags As they stand on the command line. Those of other commands are passed over.
 * @param environment The variables.
 * @param builtinDefaults Flags of `serve` that are built into the program.
 * @param commandDefaults Those of a command that has others than `serve`.
 * @param file What stands in the file that `--config` names.
 * @throws {UsageError} Anything that is wrong: nothing has been started.
 */
export function readServe(
  flags: ReadonlyMap<Flag, Given>,
  environment: Environment,
  builtinDefaults: readonly string[] = [],
  commandDefaults: readonly string[] = [],
  file: ConfigFile = new Map(),
): ServeReading {
  const { given: variables, warnings } = readVariables(environment, serviceFlags);
  const [builtin, ofCommand] = [readDefaults(builtinDefaults), readDefaults(commandDefaults)];
  requireNoContradiction(flags);
  const given = new Map<string, Given>();
  for (const option of serveOptions) {
    const found = choose(option, flags, variables) ?? file.get(option.key) ??
      choose(option, builtin, new Map()) ?? choose(option, ofCommand, new Map());
    if (found !== undefined) given.set(option.key, found);
  }
  return { options: resolve(given, environment), given, warnings };
}

function readDefaults(defaults: readonly string[]): ReadonlyMap<Flag, Given> {
  if (defaults.length === 0) return new Map();
  const { given, positionals } = readArguments(tokenize(defaults, serveFlags), serveFlags);
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
