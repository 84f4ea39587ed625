import type { Shape } from "../../options/kind.ts";
import type { Flag } from "../../options/option.ts";
import type { Command } from "../command.ts";

/** What may stand in a place: words, files or directories, modules, or what nobody knows. */
export interface Candidates {
  words: readonly string[];
  files?: "all" | "directories" | "modules";
}

/** A flag as a shell completes it. */
export interface CompletedFlag {
  /** `--autoreload`, `--watch`, `-p` */
  names: string[];
  /** In a few words. */
  summary: string;
  /** What stands for the value, where it takes one. */
  value?: string;
  candidates: Candidates;
  repeatable: boolean;
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  name: string;
  summary: string;
  flags: CompletedFlag[];
  /** Of what is no flag. */
  positionals: Candidates;
}

/** The endings of a handler's module. */
export const moduleEndings = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];

/** What all commands take. */
export const commonFlags: CompletedFlag[] = [
  { names: ["--help", "-h"], summary: "Display the help" },
  { names: ["--version", "-v"], summary: "Print the versions" },
].map((flag) => ({ ...flag, candidates: { words: [] }, repeatable: false }));

/** What is completed of a command. */
export function completable(command: Command): CompletedCommand {
  const { name, summary, flags, alsoTakes = [], texts = {} } = command;
  const own = [...flags, ...alsoTakes].map((flag) => completedFlag(flag, texts[flag.option.key]));
  return { name, summary, flags: [...own, ...commonFlags], positionals: positionalsOf(command) };
}

function completedFlag(flag: Flag, text: string | undefined): CompletedFlag {
  const { option, off } = flag;
  const short = option.short === undefined || off ? [] : [`-${option.short}`];
  const help = text ?? (off ? option.off?.help : undefined) ?? option.help;
  return {
    names: [flag.flag, ...flag.aliases, ...short],
    summary: firstSentence(help),
    ...(flag.takesValue ? { value: option.value } : {}),
    candidates: flag.takesValue ? candidatesOf(option.shape) : { words: [] },
    repeatable: option.repeatable ?? false,
  };
}

function candidatesOf({ words = [], path, items }: Shape): Candidates {
  if (items !== undefined) return candidatesOf(items);
  if (path === undefined) return { words };
  return { words, files: path === "directory" ? "directories" : "all" };
}

function positionalsOf({ positionals }: Command): Candidates {
  if (positionals.includes("handler")) return { words: [], files: "modules" };
  const [, inside = ""] = /^[<[](.*)[>\]]$/.exec(positionals) ?? [];
  if (inside === "folder") return { words: [], files: "directories" };
  return { words: inside.includes("|") ? inside.split("|") : [] };
}

/** Its end is where a capital letter begins the next one: `PEM, with its chain).` is none of it. */
function firstSentence(help: string): string {
  return (help.split(/[.;] (?=[A-Z0-9])/)[0] ?? "").replace(/\.$/, "");
}
