import {
  type Candidates,
  commonFlags,
  type CompletedCommand,
  type CompletedFlag,
} from "./completable.ts";

/** For fish: as a file `hurricane.fish` in a folder of `$fish_complete_path`, or sourced. */
export function fishCompletion(commands: CompletedCommand[]): string {
  const noCommand = "-n __fish_use_subcommand";
  const lines = [
    "# Completion of hurricane for fish, by: hurricane completions fish",
    "complete -c hurricane -f",
    ...commonFlags.map((flag) => flagLine(noCommand, flag)),
    ...commands.map(({ name, summary }) =>
      `complete -c hurricane ${noCommand} -a ${name} -d ${quoted(summary)}`
    ),
    ...commands.flatMap(linesOf),
  ];
  return `${lines.join("\n")}\n`;
}

function linesOf({ name, flags, positionals }: CompletedCommand): string[] {
  const here = `-n '__fish_seen_subcommand_from ${name}'`;
  const own = candidates(positionals);
  return [
    ...flags.map((flag) => flagLine(here, flag)),
    ...own === "" ? [] : [`complete -c hurricane ${here}${own}`],
  ];
}

function flagLine(condition: string, flag: CompletedFlag): string {
  const names = flag.names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
  );
  const takes = flag.value === undefined ? "" : ` -r${candidates(flag.candidates) || " -f"}`;
  return `complete -c hurricane ${condition} ${names.join(" ")}${takes} -d ${quoted(flag.summary)}`;
}

/** Each with a blank before it. */
function candidates({ words, files }: Candidates): string {
  if (files === "directories") return " -f -a '(__fish_complete_directories)'";
  // That a module's name has one of a few endings is more than fish can be told: they come with all files.
  if (files !== undefined) return " -F";
  return words.length === 0 ? "" : ` -f -a '${words.join(" ")}'`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
