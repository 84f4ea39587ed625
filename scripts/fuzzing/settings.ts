import { pairs } from "./target.ts";

/** What `scripts/fuzz` is to do. */
export interface Settings {
  requests: number;
  seed: number;
  /** Names of pairs; empty: all. */
  only: readonly string[];
  /** A file for the report. */
  report?: string;
}

/** The command line is wrong. */
export class UsageError extends Error {}

/** Reads the words after `scripts/fuzz`. Throws a {@linkcode UsageError}. */
export function parseSettings(words: readonly string[]): Settings {
  const only: string[] = [];
  const settings: Settings = { requests: 100_000, seed: Math.floor(Math.random() * 1e6), only };
  const rest = [...words];
  for (let option = rest.shift(); option !== undefined; option = rest.shift()) {
    const value = rest.shift();
    if (value === undefined) throw new UsageError(`${option}: a value is missing`);
    if (option === "--requests") settings.requests = wholeNumber(option, value);
    else if (option === "--seed") settings.seed = wholeNumber(option, value);
    else if (option === "--report") settings.report = value;
    else if (option === "--only") only.push(known(value));
    else throw new UsageError(`${option}: give --requests N, --seed N, --only NAME, --report FILE`);
  }
  return settings;
}

function wholeNumber(option: string, value: string): number {
  if (/^\d{1,7}$/.test(value)) return Number(value);
  throw new UsageError(`${option} ${value}: give a whole number below 10 million`);
}

function known(name: string): string {
  const names = pairs.map((pair) => pair.name);
  if (names.includes(name)) return name;
  throw new UsageError(`--only ${name}: give one of ${names.join(", ")}`);
}
