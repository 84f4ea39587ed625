/**
 * The variables that `hurricane manifest` is told of. Some stand for options of `serve`, and the manifest
 * has to fit those.
 *
 * @module
 */
import {
  parseSecretVariable,
  parseVariable,
  type PlainVariable,
  type SecretVariable,
} from "../../manifest/variables.ts";
import { variablesFor } from "../../options/environment.ts";
import type { Given } from "../../options/given.ts";
import type { Flag } from "../../options/option.ts";
import { serveFlags } from "../../options/serve_table.ts";
import { quote, UsageError } from "../../options/usage_error.ts";

/** Options whose values are in a Secret that was named, and where. */
export type HeldOptions = ReadonlyMap<Flag, SecretVariable>;

/** What is read of `--env` and `--secret-env`. */
export interface ManifestVariables {
  env: PlainVariable[];
  /** Those that are the handler's. */
  secretEnv: SecretVariable[];
  /** Those that stand for options. */
  held: HeldOptions;
}

/**
 * What stands for a value that only a Secret knows: it is given, it holds a secret, and nobody sees it.
 */
const standIns: Readonly<Record<string, string | string[]>> = {
  webhookUrl: ["https://user:password@receiver.invalid/"],
  webhookSecret: `whsec_${"A".repeat(32)}`,
  amqpUrl: "amqp://user:password@broker.invalid",
};

/**
 * Reads them.
 *
 * @throws {UsageError} One that is given twice, or that stands for an option which has to be given.
 */
export function readVariables(
  given: { env: readonly string[]; secretEnv: readonly string[] },
): ManifestVariables {
  const env = given.env.map(parseVariable);
  const all = given.secretEnv.map(parseSecretVariable);
  for (const { name } of env) refuseOption("--env", name, flagFor(name));
  const held = new Map<Flag, SecretVariable>();
  for (const variable of all) {
    const flag = flagFor(variable.name);
    if (flag?.option.fromFile && flag.variable === variable.name) held.set(flag, variable);
    else refuseOption("--secret-env", variable.name, flag);
  }
  const names = [...env, ...all].map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UsageError(`the variable ${twice} is given twice, and can be given once`);
  }
  return { env, secretEnv: all.filter((variable) => !held.has(flagFor(variable.name)!)), held };
}

/**
 * The flags, and in their place what a Secret holds.
 *
 * @throws {UsageError} An option that is given as well.
 */
export function withHeld(
  flags: ReadonlyMap<Flag, Given>,
  held: HeldOptions,
): ReadonlyMap<Flag, Given> {
  const all = new Map(flags);
  for (const [flag, { name }] of held) {
    const as = `--secret-env ${name}`;
    if (flags.has(flag)) {
      throw new UsageError(`${as} and ${flag.flag} contradict each other: give one of them`);
    }
    all.set(flag, { name: as, value: standIns[flag.option.key] });
  }
  return all;
}

/** The flag that a variable stands for in a container, if it does. */
function flagFor(variable: string): Flag | undefined {
  return serveFlags.find((flag) => variablesFor(flag).includes(variable));
}

/** A manifest fits options that it knows, and a variable may say something else. */
function refuseOption(as: string, variable: string, flag: Flag | undefined): void {
  if (flag !== undefined) {
    const other = flag.option.fromFile ? `, or --secret-env ${flag.variable}=SECRET/KEY` : "";
    throw new UsageError(
      `${as} ${variable} stands for ${flag.flag}, which the manifest has to fit: ` +
        `give ${flag.flag}${other}`,
    );
  }
  if (/^HURRICANE_(?!RUNTIME$)/.test(variable)) {
    throw new UsageError(`${as} ${quote(variable)}: Hurricane has no such variable`);
  }
}
