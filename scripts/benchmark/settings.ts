/**
 * The command line of `scripts/bench`.
 *
 * @module
 */
import { contenders } from "./contenders.ts";
import { overloaded } from "./overload_contenders.ts";
import { works } from "./overload_data.ts";
import { scenarios } from "./scenarios.ts";

/** The parts of the benchmark, in the order in which they run. */
export const parts = [
  "throughput",
  "price",
  "probes",
  "cost",
  "growth",
  "scrape",
  "overload",
  "crowd",
  "adaptive",
  "micro",
] as const;

/** The name of a part. */
export type Part = typeof parts[number];

/** What was asked for on the command line. */
export interface Settings {
  parts: readonly Part[];
  /** How often everything is measured, in turn. */
  rounds: number;
  /** Seconds of load in each measurement. */
  duration: number;
  quick: boolean;
  /** Names of contenders and scenarios; empty: all of them. */
  only: readonly string[];
}

/** The arguments make no sense; the message says which, and what is allowed. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Reads the command line of `scripts/bench`. Throws a {@linkcode UsageError}. */
export function parseSettings(args: readonly string[]): Settings {
  const named: Part[] = [];
  const only: string[] = [];
  let quick = false;
  let rounds: number | undefined;
  let duration: number | undefined;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (isPart(arg)) named.push(arg);
    else if (arg === "--quick") quick = true;
    else if (arg === "--rounds") rounds = wholeNumber(arg, args[++index], 100);
    else if (arg === "--duration") duration = wholeNumber(arg, args[++index], 10);
    else if (arg === "--only") only.push(knownName(args[++index]));
    else {
      throw new UsageError(
        `${arg}: give ${parts.join(", ")}, --quick, --rounds N, --duration S, --only NAME`,
      );
    }
  }
  return {
    parts: parts.filter((part) => named.length === 0 || named.includes(part)),
    rounds: rounds ?? (quick ? 2 : 5),
    duration: duration ?? (quick ? 1 : 2),
    quick,
    only,
  };
}

/** Those of some things that `--only` names; all of them where it names none. */
export function wanted<T extends { name: string }>(settings: Settings, all: readonly T[]): T[] {
  const named = all.filter(({ name }) => settings.only.includes(name));
  return named.length === 0 ? [...all] : named;
}

function isPart(word: string): word is Part {
  return (parts as readonly string[]).includes(word);
}

function wholeNumber(flag: string, value: string | undefined, most: number): number {
  if (value !== undefined && /^[1-9]\d*$/.test(value) && Number(value) <= most) {
    return Number(value);
  }
  throw new UsageError(`${flag} ${value ?? ""}: give a whole number from 1 to ${most}`);
}

function knownName(name: string | undefined): string {
  const known = [...contenders, ...overloaded, ...scenarios].map((one) => one.name).concat(
    Object.keys(works),
  );
  if (name !== undefined && known.includes(name)) return name;
  throw new UsageError(`--only ${name ?? ""}: give one of ${known.join(", ")}`);
}
