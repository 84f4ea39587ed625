/**
 * Tables of options: what each is declared as, and how the values that are given are read.
 *
 * @module
 */
import { type Given, wrongValue } from "./given.ts";
import type { Kind } from "./kind.ts";
import { suggestion } from "./nearest.ts";
import type { Option, OptionDetails } from "./option.ts";
import { quote, UsageError } from "./usage_error.ts";

/** One option of a command, in a table under its name in programs. */
export interface Declaration extends OptionDetails {
  /** What its values may be. */
  kind: Kind<unknown, never>;
  /** What is read where none is given. Without it the option then stays away. */
  initial?: unknown;
}

type Table = Readonly<Record<string, Declaration>>;

/** What may be given for the options of a table. */
export type Inputs<Options extends Table> = {
  [Key in keyof Options]?: Options[Key]["kind"] extends Kind<unknown, infer Input> ? Input : never;
};

/** What is read of it. An option that has no default of its own may be missing. */
export type Values<Options extends Table> =
  & { [Key in WithDefault<Options>]: Value<Options[Key]> }
  & { [Key in Exclude<keyof Options, WithDefault<Options>>]?: Value<Options[Key]> };

type WithDefault<Options extends Table> = {
  [Key in keyof Options]: Options[Key] extends { initial: unknown } ? Key : never;
}[keyof Options];

type Value<Of extends Declaration> = Of["kind"] extends Kind<infer Output, never> ? Output : never;

/** The options of a table, in its order. */
export function optionsOf(table: Table): Option[] {
  return Object.entries(table).map(([key, { kind, initial, ...details }]) => ({
    key,
    allowed: kind.allowed,
    shape: kind.shape,
    default: typeof initial === "string" ? initial : undefined,
    ...details,
  }));
}

/**
 * Reads the values of all options of a table, given or not; `undefined` is not given. Defaults that
 * depend on others are left out.
 *
 * @throws {UsageError} An option that the table does not have, or the first value that is wrong.
 */
export function readValues<Options extends Table>(
  table: Options,
  given: ReadonlyMap<string, Given>,
): Values<Options> {
  for (const key of given.keys()) {
    if (Object.hasOwn(table, key)) continue;
    throw new UsageError(`unknown option ${quote(key)}${suggestion(key, Object.keys(table))}`);
  }
  const values: Record<string, unknown> = {};
  for (const [key, { kind, initial }] of Object.entries(table)) {
    const source = given.get(key);
    if (source?.value !== undefined) values[key] = read(table, key, source);
    else if (initial !== undefined) values[key] = kind.preset(initial as never);
  }
  return values as Values<Options>;
}

function read(table: Table, key: string, { name, value }: Given): unknown {
  const result = table[key]!.kind.safeParse(value);
  if (result.success) return result.data;
  const option = optionsOf(table).find((option) => option.key === key)!;
  const [issue] = result.error.issues;
  const index = issue?.path[0];
  const item: unknown = Array.isArray(value) && typeof index === "number" ? value[index] : value;
  const reason: unknown = issue?.code === "custom" ? issue.params?.["reason"] : undefined;
  throw wrongValue({ name, value: item }, option, typeof reason === "string" ? reason : undefined);
}
