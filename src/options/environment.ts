import { messageOf } from "../errors.ts";
import { readSmallFile } from "../small_file.ts";
import { type Given, showValue } from "./given.ts";
import { suggestion } from "./nearest.ts";
import { type Environment, type Flag, variableOf } from "./option.ts";
import { quote, UsageError } from "./usage_error.ts";

/** What stands in the environment. */
export interface Variables {
  /** Strings, and an array of strings for an option that is repeatable. */
  given: Map<Flag, Given>;
  /** Variables that look like Hurricane's and are not, one line each. */
  warnings: string[];
}

/**
 * Reads the variables of a command.
 *
 * Space around a value is dropped, for a value from a file or a Secret often ends in a newline. A
 * variable that is empty then has not been given. What is secret may stand in a file instead.
 *
 * @throws {UsageError} A file that cannot be read, or a JSON array that is none, or holds something else than strings.
 */
export function readVariables(environment: Environment, flags: Flag[]): Variables {
  const given = new Map<Flag, Given>();
  const warnings: string[] = [];
  for (const flag of flags) {
    for (const name of variablesOf(flag)) {
      const text = environment[name]?.trim() ?? "";
      if (text === "") continue;
      if (isServiceLink(name, text)) {
        warnings.push(
          `${name} is ignored: ${
            quote(text)
          } is the address of a Kubernetes Service of that name ` +
            "(enableServiceLinks: false in the pod keeps such variables away)",
        );
        continue;
      }
      given.set(flag, { name, value: flag.option.repeatable ? items(name, text, flag) : text });
      break;
    }
    if (!flag.option.fromFile || flag.off) continue;
    const name = fileVariable(flag);
    const path = environment[name]?.trim() ?? "";
    if (path === "") continue;
    const other = given.get(flag)?.name;
    if (other !== undefined) {
      throw new UsageError(`${name} and ${other} contradict each other: give one of them`);
    }
    const text = fileText(name, path);
    given.set(flag, { name, value: flag.option.repeatable ? items(name, text, flag) : text });
  }
  return { given, warnings: [...warnings, ...unknown(environment, flags)] };
}

/** All variables that stand for a flag, also those that name a file with its value. */
export function variablesFor(flag: Flag): string[] {
  return [...variablesOf(flag), ...(flag.option.fromFile ? [fileVariable(flag)] : [])];
}

/** All variables that mean a flag, the first one first. */
function variablesOf({ variable, aliases, off, option }: Flag): string[] {
  const others = aliases.map((alias) => variableOf(alias.slice(2)));
  return [variable, ...others, ...(off ? [] : option.otherVariables ?? [])];
}

/** The variable that names a file with the value in it, as images of databases have it. */
function fileVariable({ variable }: Flag): string {
  return `${variable}_FILE`;
}

/** The longest file that is read, in bytes. */
const longestFile = 64 * 1024;

function fileText(name: string, path: string): string {
  const shown = `${name} ${quote(path)}`;
  let text: string;
  try {
    text = readSmallFile(path, longestFile).trim();
  } catch (error) {
    throw new UsageError(`${shown} cannot be read: ${messageOf(error)}`);
  }
  if (text === "") throw new UsageError(`${shown} is empty`);
  return text;
}

/** One value a line, or a JSON array. */
function items(name: string, text: string, { option }: Flag): string[] {
  if (!text.startsWith("[")) {
    return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  }
  const values = parseJson(text);
  if (Array.isArray(values) && values.every((value) => typeof value === "string")) return values;
  // Not shown where single values are not shown as they are: there is no telling what is in it.
  const shown = option.show === undefined ? `, not ${showValue(text, option)}` : "";
  throw new UsageError(`${name} must be one value a line, or a JSON array of strings${shown}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Set by an entry point to choose the runtime, and by Hurricane for its own processes. */
const otherNames = /^HURRICANE_(RUNTIME$|INTERNAL_)/;

/**
 * What a kubelet adds for each Service in the namespace: for one named `hurricane`,
 * `HURRICANE_SERVICE_HOST`, `HURRICANE_PORT=tcp://10.0.0.1:80`, `HURRICANE_PORT_80_TCP_ADDR` …
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
 */
function isServiceLink(name: string, value: string): boolean {
  return /_SERVICE_(HOST|PORT|PORT_\w+)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(
    name,
  ) ||
    (/(^|_)PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value));
}

function unknown(environment: Environment, flags: Flag[]): string[] {
  const ours = Object.entries(environment).filter(([name, value]) =>
    name.startsWith("HURRICANE_") && value !== undefined && value.trim() !== "" &&
    !otherNames.test(name) && !isServiceLink(name, value)
  );
  if (ours.length === 0) return [];
  const names = new Set(flags.flatMap(variablesFor));
  return ours.filter(([name]) => !names.has(name))
    .map(([name]) => `${name} is none of Hurricane's variables${suggestion(name, names)}`);
}
