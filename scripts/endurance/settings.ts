import { type Kind, kinds } from "./plan.ts";

/** How Hurricane is run: `dist/hurricane`, or from source on one of the runtimes. */
export type Form = "executable" | "bun" | "deno";

/** What `scripts/soak` is to do. */
export interface Settings {
  minutes: number;
  form: Form;
  seed: number;
  /** Requests a second. */
  rate: number;
  kinds: readonly Kind[];
  /** Do clients come over TLS? */
  tls: boolean;
  /** No SIGHUP, and no worker is killed. */
  calm: boolean;
  /** A file for the report. */
  report?: string;
  /** Is the directory with the log left? */
  keep: boolean;
}

/** The command line is wrong. */
export class UsageError extends Error {}

const forms: readonly string[] = ["executable", "bun", "deno"];

/** Reads the words after `scripts/soak`. */
export function parseSettings(words: readonly string[]): Settings {
  const settings: Settings = {
    minutes: 30,
    form: "executable",
    seed: Math.floor(Math.random() * 1_000_000),
    rate: 120,
    kinds: Object.keys(kinds) as Kind[],
    tls: false,
    calm: false,
    keep: false,
  };
  const rest = [...words];
  const value = (option: string) => {
    const word = rest.shift();
    if (word === undefined) throw new UsageError(`${option}: a value is missing`);
    return word;
  };
  const number = (option: string) => {
    const word = value(option);
    const read = Number(word);
    if (word.trim() === "" || !(read >= 0)) {
      throw new UsageError(`${option} ${word}: give a number`);
    }
    return read;
  };
  for (let option = rest.shift(); option !== undefined; option = rest.shift()) {
    switch (option) {
      case "--minutes":
        settings.minutes = number(option);
        break;
      case "--seed":
        settings.seed = number(option);
        break;
      case "--rate":
        settings.rate = number(option);
        if (settings.rate === 0) throw new UsageError("--rate 0: give at least 1");
        break;
      case "--form": {
        const form = value(option);
        if (!forms.includes(form)) {
          throw new UsageError(`--form ${form}: give ${forms.join(", ")}`);
        }
        settings.form = form as Form;
        break;
      }
      case "--kinds": {
        const names = value(option).split(",");
        const unknown = names.find((name) => !(name in kinds));
        if (unknown !== undefined) {
          throw new UsageError(`--kinds ${unknown}: give ${Object.keys(kinds).join(", ")}`);
        }
        settings.kinds = names as Kind[];
        break;
      }
      case "--report":
        settings.report = value(option);
        break;
      case "--tls":
        settings.tls = true;
        break;
      case "--calm":
        settings.calm = true;
        break;
      case "--keep":
        settings.keep = true;
        break;
      default:
        throw new UsageError(`${option}: unknown; scripts/soak --help lists the options`);
    }
  }
  return settings;
}
