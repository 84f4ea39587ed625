import { parseArgs } from "node:util";
import type { Given } from "./given.ts";
import { suggestion } from "./nearest.ts";
import type { Flag } from "./option.ts";
import { ourName } from "./other_names.ts";
import { UsageError } from "./usage_error.ts";

/**
 * A command line of which is known what each word is: a flag, the value of one, or neither. Whether
 * the flags are right is not known yet.
 */
export interface CommandLine {
  /** The words as they were given. */
  argv: readonly string[];
  tokens: readonly Token[];
}

/** A flag with its value, a word that is neither, or `--`. */
export type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];

/** What a command is given on a command line. */
export interface Arguments {
  /** Strings, and an array of strings for an option that is repeatable. */
  given: Map<Flag, Given>;
  positionals: string[];
}

/**
 * Takes a command line apart. This is done once: which command is meant, whether help is asked for
 * and what the options are is then read from the tokens.
 *
 * Node's parser, because cac's makes numbers of what looks like one (`0123`), merges an option that
 * is given twice, and takes the next argument for the value of `--flag=`.
 *
 * @param flags All that may be on it: which of them take a value decides what the next word is.
 */
export function tokenize(argv: readonly string[], flags: readonly Flag[]): CommandLine {
  const options: NonNullable<Parameters<typeof parseArgs>[0]>["options"] = {
    help: { type: "boolean", short: "h" },
    version: { type: "boolean", short: "v" },
  };
  for (const { flag, aliases, takesValue, option: { short } } of flags) {
    const type = takesValue ? "string" : "boolean";
    options[flag.slice(2)] = short === undefined ? { type } : { type, short };
    for (const alias of aliases) options[alias.slice(2)] = { type };
  }
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return { argv, tokens };
}

/** Parts a command line at `--`: what stands before it, and the words after it. */
export function splitAtDoubleDash(line: CommandLine): { before: CommandLine; after: string[] } {
  const at = line.tokens.findIndex(({ kind }) => kind === "option-terminator");
  if (at < 0) return { before: line, after: [] };
  return {
    before: { ...line, tokens: line.tokens.slice(0, at) },
    after: line.tokens.slice(at).filter((token) => token.kind === "positional")
      .map(({ value }) => value),
  };
}

/**
 * Reads the flags of a command.
 *
 * @param hintAt what to say of a flag that the command does not have: `; give …`, or nothing
 * @throws {UsageError} A flag that the command does not have, that is given twice, or that lacks
 * its value.
 */
export function readArguments(
  { argv, tokens }: CommandLine,
  flags: readonly Flag[],
  hintAt: (name: string) => string = ourName,
): Arguments {
  const given = new Map<Flag, Given>();
  const positionals: string[] = [];
  let onOrOff: { name: string; index: number } | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (onOrOff?.index === token.index - 1) refuseValue(onOrOff.name, token.value);
      positionals.push(token.value);
    }
    if (token.kind !== "option") continue;
    const flag = flags.find(({ flag, aliases, option }) =>
      [flag, ...aliases, `-${option.short}`].includes(token.rawName)
    );
    if (flag === undefined) throw unknown(argv[token.index] ?? token.rawName, flags, hintAt);
    const takesNone = !flag.takesValue && token.value === undefined;
    onOrOff = takesNone ? { name: token.rawName, index: token.index } : undefined;
    add(given, flag, flag.takesValue ? valueOf(token, flag) : token.value ?? "true");
  }
  return { given, positionals };
}

function valueOf(
  { value, inlineValue }: Extract<Token, { kind: "option" }>,
  { flag, option }: Flag,
): string {
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

/** What is on or off has its value behind an equals sign: else it would be anyone's guess what comes next. */
function refuseValue(name: string, word: string): void {
  if (!/^(true|false|yes|no|on|off|0|1)$/i.test(word)) return;
  const no = /^(false|no|off|0)$/i.test(word);
  throw new UsageError(
    `${name} takes no value behind a blank: give ${
      no ? `${name}=false` : `${name} alone`
    }, not ${name} ${word}`,
  );
}

/** The value that may follow is not shown: it may be the secret whose flag is misspelt. */
function unknown(
  argument: string,
  flags: readonly Flag[],
  hintAt: (name: string) => string,
): UsageError {
  const name = argument.replace(/=.*$/s, "");
  const known = flags.flatMap(({ flag, aliases }) => [flag, ...aliases]);
  const names = [...known, "--help", "--version"];
  const hint = hintAt(name) || hintAtOff(name, flags) || suggestion(name, names) ||
    "; --help lists the options";
  return new UsageError(`unknown option ${name}${hint}`);
}

/** What has no `--no-…` is off, unless a variable or an image has switched it on. */
function hintAtOff(name: string, flags: readonly Flag[]): string {
  const on = name.replace(/^--no-/, "--");
  const isKnown = on !== name &&
    flags.some(({ flag, aliases, takesValue }) => !takesValue && [flag, ...aliases].includes(on));
  return isKnown ? `; ${on} is off unless it is given: to take it back, give ${on}=false` : "";
}
