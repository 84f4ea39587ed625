/**
 * Options in a file: which one is named, and the flag and the variable that name it. What is in it is read by
 * `config_toml.ts`, which nobody loads who names none.
 *
 * @module
 */
import type { CommandLine } from "./arguments.ts";
import type { ConfigFile } from "./config_toml.ts";
import { type Environment, type Flag, flagsOf, type Option } from "./option.ts";
import { serveFlags } from "./serve_table.ts";
import { type Declaration, optionsOf } from "./table.ts";
import { file } from "./values.ts";

const table = {
  config: {
    kind: file,
    group: "Configuration",
    value: "FILE",
    help:
      'A TOML file with options of serve, as in port = 8080 or shutdown-delay = "5s". It counts ' +
      "after flags and variables.",
    default: "none",
  },
} satisfies Record<string, Declaration>;

const [option] = optionsOf(table) as [Option];

/** The flag `--config` and its variable. */
export const [configFlag] = flagsOf([option]) as [Flag];

/** All that may be given to a service on a command line, or as a variable. */
export const serviceFlags: Flag[] = [...serveFlags, configFlag];

/**
 * Reads the file that `--config` or `HURRICANE_CONFIG` names.
 *
 * @returns Nothing where none is named, or where how it is named is wrong: who reads the flags says so.
 * @throws {UsageError} It cannot be read, is no TOML, or has a key that is no option.
 */
export async function readConfig(
  { tokens }: CommandLine,
  environment: Environment,
): Promise<ConfigFile> {
  const token = tokens.find((token) =>
    token.kind === "option" && token.rawName === configFlag.flag
  );
  const given = token?.kind === "option" ? token.value : environment[configFlag.variable]?.trim();
  if (given === undefined || given === "") return new Map();
  const { readToml } = await import(
    "./config_toml.ts" as string
  ) as typeof import("./config_toml.ts");
  return readToml(given, token === undefined ? configFlag.variable : configFlag.flag);
}
