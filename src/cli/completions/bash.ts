import {
  type Candidates,
  commonFlags,
  type CompletedCommand,
  type CompletedFlag,
  moduleEndings,
} from "./completable.ts";

/** For bash from 3.2 on, which is what macOS has; without the package bash-completion. */
export function bashCompletion(commands: CompletedCommand[]): string {
  const names = commands.map(({ name }) => name);
  const common = commonFlags.flatMap(({ names }) => names);
  return `# Completion of hurricane for bash, by: hurricane completions bash
_hurricane() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  local command= flags= words= files= value= i found
  # What is written as --flag=value are three words here.
  if [[ $word == = ]]; then word=
  elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join(" | ")}) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command in
${commands.map(caseOf).join("\n")}
    *) flags='${common.join(" ")}' words='${names.join(" ")}' ;;
  esac
  if [[ -z $value && $word == -* ]]; then words=$flags files=; fi
  local IFS=$' \\n'
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ -n $files ]] || return 0
  # So that a directory gets its slash, and blanks in names are escaped.
  compopt -o filenames 2>/dev/null
  IFS=$'\\n'
  for found in $(compgen -f -- "$word"); do
    case $files in
      all) COMPREPLY+=("$found") ;;
      modules) [[ -d $found || $found =~ \\.(${
    moduleEndings.join("|")
  })$ ]] && COMPREPLY+=("$found") ;;
      directories) [[ -d $found ]] && COMPREPLY+=("$found") ;;
    esac
  done
  return 0
}
complete -F _hurricane hurricane
`;
}

function caseOf({ name, flags, positionals }: CompletedCommand): string {
  const valued = flags.filter(({ value }) => value !== undefined);
  const cases = Map.groupBy(valued, ({ candidates }) => assignments(candidates));
  const lines = [...cases].map(([text, flags]) =>
    `        ${namesOf(flags).join(" | ")}) value=1${text} ;;`
  );
  return `    ${name})
      flags='${namesOf(flags).join(" ")}'
      case $before in
${[...lines, `        *) ${assignments(positionals).trim() || ":"} ;;`].join("\n")}
      esac
      ;;`;
}

function namesOf(flags: CompletedFlag[]): string[] {
  return flags.flatMap(({ names }) => names);
}

/** What is set for some candidates, each with a blank before it. */
function assignments({ words, files }: Candidates): string {
  return (words.length === 0 ? "" : ` words='${words.join(" ")}'`) +
    (files === undefined ? "" : ` files=${files}`);
}
