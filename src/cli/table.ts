/**
 * Tables of options: what each is declared as, and how the values that are given are read.
 *
 * @module
 */
import * as z from "zod/mini";
import { type Given, wrongValue } from "./given.ts";
import { suggestion } from "./nearest.ts";
import type { Option, OptionDetails } from "./option.ts";
import { quote, UsageError } from "./usage_error.ts";

/** One option of a command, in a table under its name in programs. */
export interface Declaration extends OptionDetails {
  /** What its value must be, as one of `values.ts` says it. */
  schema: z.ZodMiniType;
  /** What is read where none is given. Without it the option then stays away. */
  initial?: unknown;
}

type Table = Readonly<Record<string, Declaration>>;

/** What may be given for the options of a table. */
export type Inputs<Options extends Table> = {
  [Key in keyof Options]?: z.input<Options[Key]["schema"]>;
};

/** What is read of it. */
export type Values<Options extends Table> = {
  [Key in keyof Options]:
    | z.output<Options[Key]["schema"]>
    | (Options[Key] extends { initial: unknown } ? never : undefined);
};

/** The options of a table, in its order. */
export function optionsOf(table: Table): Option[] {
  return Object.entries(table).map(([key, { schema, initial, ...details }]) => ({
    key,
    allowed: allowedBy(schema),
    default: typeof initial === "string" ? initial : undefined,
    ...details,
  }));
}

/** What a schema of `values.ts` allows: completes the sentence "the option must be …". */
export function allowedBy(schema: z.ZodMiniType): string {
  return z.globalRegistry.get(schema)?.description ?? "";
}

/**
 * Reads the values of all options of a table, given or not; `undefined` is not given. Defaults that
 * depend on others are left out.
 *
 * Not with an object schema around them all, which would cost each start some milliseconds.
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
  const values = Object.entries(table).flatMap(([key, { schema, initial }]) => {
    const value = given.get(key)?.value ?? initial;
    return value === undefined ? [] : [[key, read(table, key, schema, value, given)]];
  });
  return Object.fromEntries(values) as Values<Options>;
}

function read(
  table: Table,
  key: string,
  schema: z.ZodMiniType,
  value: unknown,
  given: ReadonlyMap<string, Given>,
): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const source = given.get(key);
  const option = optionsOf(table).find((option) => option.key === key);
  if (source === undefined || option === undefined) throw result.error;
  const [issue] = result.error.issues;
  const index = issue?.path[0];
  const item = Array.isArray(value) && typeof index === "number" ? value[index] : value;
  const reason: unknown = issue?.code === "custom" ? issue.params?.["reason"] : undefined;
  throw wrongValue(
    { name: source.name, value: item },
    option,
    typeof reason === "string" ? reason : undefined,
  );
}
