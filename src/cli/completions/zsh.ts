import {
  type Candidates,
  commonFlags,
  type CompletedCommand,
  type CompletedFlag,
  moduleEndings,
} from "./completable.ts";

/** For zsh's own completion system: as a file `_hurricane` in a folder of `$fpath`, or sourced. */
export function zshCompletion(commands: CompletedCommand[]): string {
  const described = commands.map(({ name, summary }) =>
    `        ${quoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`
  );
  return `#compdef hurricane
# Completion of hurricane for zsh, by: hurricane completions zsh
_hurricane() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C \\
${commonFlags.flatMap(specsOf).map((spec) => `    ${spec} \\\n`).join("")}    '1: :->command' \\
    '*:: :->rest'
  case $state in
    command)
      local -a commands=(
${described.join("\n")}
      )
      _describe command commands
      ;;
    rest)
      case $words[1] in
${commands.map(caseOf).join("\n")}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _hurricane ]]; then _hurricane "$@"; else compdef _hurricane hurricane; fi
`;
}

function caseOf({ name, flags, positionals }: CompletedCommand): string {
  const action = actionOf(positionals);
  const specs = [
    ...flags.flatMap(specsOf),
    ...action.trim() === "" ? [] : [quoted(`*: :${action}`)],
  ];
  return `        ${name})
          _arguments ${specs.map((spec) => `\\\n            ${spec}`).join(" ")}
          ;;`;
}

/** A flag under each of its names; one that is given shuts out the others, unless it is repeatable. */
function specsOf(flag: CompletedFlag): string[] {
  const { names, summary, value, candidates, repeatable } = flag;
  const others = repeatable ? "*" : `(${names.join(" ")})`;
  const text = summary.replaceAll(/[[\]\\]/g, "\\$&");
  const message = value?.replaceAll(/[:\\]/g, "\\$&");
  return names.map((name) => {
    const takes = message === undefined ? "" : name.startsWith("--") ? "=" : "+";
    const what = message === undefined ? "" : `:${message}:${actionOf(candidates)}`;
    return quoted(`${others}${name}${takes}[${text}]${what}`);
  });
}

/** What completes a value; a blank where that is nothing. */
function actionOf({ words, files }: Candidates): string {
  if (files === "directories") return "_files -/";
  if (files === "modules") return `_files -g "*.(${moduleEndings.join("|")})"`;
  if (files === "all") return "_files";
  return words.length === 0 ? " " : `(${words.join(" ")})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
