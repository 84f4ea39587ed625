import process from "node:process";
import { readArguments } from "../../options/arguments.ts";
import { quote, UsageError } from "../../options/usage_error.ts";
import type { Command } from "../command.ts";
import { refuseBuiltin } from "../refuse_builtin.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** `hurricane completions <bash|zsh|fish>` */
export const completionsCommand: Command = {
  name: "completions",
  positionals: `<${shells.join("|")}>`,
  summary: "Print what has a shell complete commands, options and their values",
  flags: [],
  note:
    "For this shell alone: source <(hurricane completions bash), and the like for zsh; for fish, " +
    "hurricane completions fish | source. To stay: write it to where the shell looks for it, as " +
    "the examples do; for zsh that is a folder of $fpath.",
  example: "",
  examples: [
    "bash > ~/.local/share/bash-completion/completions/hurricane",
    "zsh > ~/.zfunc/_hurricane",
    "fish > ~/.config/fish/completions/hurricane.fish",
  ],
  async run(line, _environment, builtin, commands) {
    refuseBuiltin(this.name, builtin);
    const { positionals } = readArguments(line, this.flags);
    const [word] = positionals;
    const shell = shells.find((shell) => shell === word);
    if (shell === undefined || positionals.length > 1) {
      const given = positionals.map(quote).join(" ") || "nothing";
      throw new UsageError(`completions takes one of bash, zsh and fish, not ${given}`);
    }
    const { completable } = await import("../completions/completable.ts");
    const { completionFor } = await import("../completions/shells.ts");
    process.stdout.write(completionFor[shell](commands.map(completable)));
    return 0;
  },
};
