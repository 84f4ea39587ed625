/**
 * What is known of an option, and the names that follow from its key.
 *
 * @module
 */
import type { Shape } from "./kind.ts";

/** What the help says of an option, and how it is written. */
export interface OptionDetails {
  /** The heading that the help lists it under. */
  group: string;
  /** What stands for the value in the help, as in `PORT`. An option without one is on or off. */
  value?: string;
  /** A letter that stands for the flag, as in `-o`. */
  short?: string;
  /** What it is for, in a line or two. */
  help: string;
  /** What the help says of the default, where that is not simply the table's `initial`. */
  default?: string;
  /** May be given several times. */
  repeatable?: true;
  /** The key of another option without which this one means nothing. */
  needs?: string;
  /** Other names of the flag, without the dashes, and of its variable. */
  aliases?: string[];
  /** Variables that count where neither the flag nor the option's own variable is given. */
  otherVariables?: string[];
  /** The flag `--no-…`: what it is for, and whether it is the only one (the option is on). */
  off?: { help?: string; only?: true };
  /** May a file hold it, which the variable with `_FILE` at its end names? For what is secret. */
  fromFile?: true;
  /** How an error shows the value; `undefined`: not at all. Left out: as it was given. */
  show?: (value: string) => string | undefined;
}

/** An option of a command. */
export interface Option extends OptionDetails {
  /** Its name in programs: `probePort`. */
  key: string;
  /** What its value must be. */
  allowed: string;
  /** What is known of its values without reading one. */
  shape: Shape;
}

/** A way to write an option: most have one, and those that can be switched off two. */
export interface Flag {
  /** `--probe-port` */
  flag: string;
  /** Other ways to write it: `--watch` for `--autoreload`. */
  aliases: string[];
  /** `HURRICANE_PROBE_PORT` */
  variable: string;
  option: Option;
  /** Switches the option off: `--no-metrics`. */
  off: boolean;
  /** Is it followed by a value? If not, it can still be written as `--flag=false`. */
  takesValue: boolean;
}

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The words of a key, as in a flag: `probe-port`. */
export function wordsOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** All ways to write some options. */
export function flagsOf(options: Option[]): Flag[] {
  return options.flatMap((option) => {
    const name = wordsOf(option.key);
    const flags: Flag[] = [];
    if (!option.off?.only) flags.push(flag(name, option, false));
    if (option.off) flags.push(flag(`no-${name}`, option, true));
    return flags;
  });
}

function flag(name: string, option: Option, off: boolean): Flag {
  return {
    flag: `--${name}`,
    aliases: off ? [] : (option.aliases ?? []).map((alias) => `--${alias}`),
    variable: variableOf(name),
    option,
    off,
    takesValue: option.value !== undefined && !off,
  };
}

/** The variable that stands for a flag, which is given without its dashes. */
export function variableOf(name: string): string {
  return `HURRICANE_${name.replaceAll("-", "_").toUpperCase()}`;
}
