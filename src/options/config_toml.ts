import { parse, TomlError } from "smol-toml";
import { messageOf } from "../errors.ts";
import { readSmallFile } from "../small_file.ts";
import { type Given, wrongValue } from "./given.ts";
import { suggestion } from "./nearest.ts";
import { type Option, wordsOf } from "./option.ts";
import { serveOptions } from "./serve_table.ts";
import { quote, UsageError } from "./usage_error.ts";

/** What stands in a file, by the keys of the options. */
export type ConfigFile = ReadonlyMap<string, Given>;

/** The longest file that is read, in bytes. */
const longestFile = 256 * 1024;

/** The options of `serve` by what a file calls them: `probe-port`, as the flag without its dashes. */
const options = new Map(serveOptions.map((option) => [wordsOf(option.key), option]));

/**
 * Reads a TOML file of options.
 *
 * @param path As it is named.
 * @param name Who names it: a flag or a variable.
 * @throws {UsageError} It cannot be read, is no TOML, or has a key that is no option.
 */
export function readToml(path: string, name: string): ConfigFile {
  let text: string;
  try {
    text = readSmallFile(path, longestFile);
  } catch (error) {
    throw new UsageError(`${name} ${quote(path)} cannot be read: ${messageOf(error)}`);
  }
  const given = new Map<string, Given>();
  for (const [key, value] of Object.entries(parsed(path, text))) {
    const place = `${path}${lineOf(text, key)}: ${key}`;
    const option = options.get(key);
    if (option === undefined) throw new UsageError(`${place} is ${whyNone(key, value)}`);
    given.set(option.key, { name: place, value: readable({ name: place, value }, option) });
  }
  return given;
}

function parsed(path: string, text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest shows the line, which may hold a secret.
    const [reason = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw new UsageError(
      `${path}, line ${error.line}, column ${error.column}: this is no TOML: ${reason}`,
    );
  }
}

/**
 * The value as programs give it. Numbers are for what is counted: a duration needs its unit, and a version
 * 1.10 would be 1.1.
 */
function readable(given: Given, option: Option): unknown {
  const { value } = given;
  const { integers } = option.shape;
  if (isTable(value)) throw new UsageError(`${given.name} must be ${option.allowed}, not a table`);
  if (value instanceof Date) {
    throw new UsageError(`${given.name} must be ${option.allowed}, not a date: text needs quotes`);
  }
  if (typeof value === "number" && integers === undefined) throw wrongValue(given, option);
  return value;
}

/** Where a key stands, unless that could be in several places: a text of several lines may look like a key. */
function lineOf(text: string, key: string): string {
  const lines = text.split("\n");
  const found = lines.flatMap((line, index) => {
    const [, written] = /^\s*\[*\s*["']?([\w-]+)["']?/.exec(line) ?? [];
    return written === key ? [index + 1] : [];
  });
  return found.length === 1 ? `, line ${found[0]}` : "";
}

/** What is wrong with a key that is no option, and what was probably meant. */
function whyNone(key: string, value: unknown): string {
  if (isTable(value)) return "a table: options stand at the top of the file, outside of tables";
  return `no option of serve${hintAt(key)}`;
}

function hintAt(key: string): string {
  const on = key.replace(/^no-/, "");
  if (on !== key && options.has(on)) return `; give ${on} = false`;
  const [meant] = [...options].find(([, { aliases = [] }]) => aliases.includes(key)) ?? [];
  if (meant !== undefined) return `; give ${meant}`;
  // As programs have it, or with underscores.
  const dashed = wordsOf(key).replaceAll("_", "-");
  if (options.has(dashed)) return `; did you mean ${dashed}?`;
  return suggestion(key, options.keys()) || "; serve --help lists the options";
}

/** Dates and times are objects as well. */
function isTable(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}
