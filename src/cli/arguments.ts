import { parseArgs } from "node:util";
import type { Given } from "../options/given.ts";
import { suggestion } from "../options/nearest.ts";
import type { Flag } from "../options/option.ts";
import { UsageError } from "../options/usage_error.ts";

/** What stands on a command line after the command. */
export interface Arguments {
  /** Strings, and an array of strings for an option that is repeatable. */
  given: Map<Flag, Given>;
  positionals: string[];
}

type Tokens = NonNullable<ReturnType<typeof parseArgs>["tokens"]>;
type OptionToken = Extract<Tokens[number], { kind: "option" }>;

/**
 * Takes a command line apart without judging it.
 *
 * Node's parser, because cac's makes numbers of what looks like one (`0123`), merges an option that
 * is given twice, and takes the next argument for the value of `--flag=`.
 */
export function tokenize(argv: string[], flags: Flag[]): Tokens {
  const options: NonNullable<Parameters<typeof parseArgs>[0]>["options"] = {
    help: { type: "boolean", short: "h" },
    version: { type: "boolean", short: "v" },
  };
  for (const { flag, aliases, takesValue, option: { short } } of flags) {
    const type = takesValue ? "string" : "boolean";
    options[flag.slice(2)] = short === undefined ? { type } : { type, short };
    for (const alias of aliases) options[alias.slice(2)] = { type };
  }
  return parseArgs({ args: argv, options, strict: false, allowPositionals: true, tokens: true })
    .tokens;
}

/**
 * Reads the flags of a command.
 *
 * @throws {UsageError} A flag that the command does not have, that is given twice, or that lacks
 * its value.
 */
export function readArguments(argv: string[], flags: Flag[]): Arguments {
  const given = new Map<Flag, Given>();
  const positionals: string[] = [];
  for (const token of tokenize(argv, flags)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags.find(({ flag, aliases, option }) =>
      [flag, ...aliases, `-${option.short}`].includes(token.rawName)
    );
    if (flag === undefined) throw unknown(argv[token.index] ?? token.rawName, flags);
    add(given, flag, flag.takesValue ? valueOf(token, flag) : token.value ?? "true");
  }
  return { given, positionals };
}

function valueOf(token: OptionToken, { flag, option }: Flag): string {
  const { value, inlineValue } = token;
  if (value === undefined || (!inlineValue && /^-./.test(value))) {
    throw new UsageError(
      `${flag} needs a value: ${option.allowed} (one that begins with a dash: ${flag}=-…)`,
    );
  }
  return value;
}

function add(given: Map<Flag, Given>, flag: Flag, value: string): void {
  const { flag: name, option } = flag;
  const before = given.get(flag);
  if (!option.repeatable) {
    if (before !== undefined) throw new UsageError(`${name} is given twice, and can be given once`);
    given.set(flag, { name, value });
  } else if (Array.isArray(before?.value)) before.value.push(value);
  else given.set(flag, { name, value: [value] });
}

/** The value that may follow is not shown: it may be the secret whose flag is misspelt. */
function unknown(argument: string, flags: Flag[]): UsageError {
  const name = argument.replace(/=.*$/s, "");
  const known = flags.flatMap(({ flag, aliases }) => [flag, ...aliases]);
  const names = [...known, "--help", "--version"];
  const near = suggestion(name, names) || "; --help lists the options";
  return new UsageError(`unknown option ${name}${near}`);
}
