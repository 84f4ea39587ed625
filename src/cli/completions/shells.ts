/**
 * The programs that complete `hurricane` in a shell. They ask nobody: all that there is stands in them.
 *
 * @module
 */
import { bashCompletion } from "./bash.ts";
import type { CompletedCommand } from "./completable.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

/** By the name of the shell. */
export const completionFor: Record<
  "bash" | "zsh" | "fish",
  (commands: CompletedCommand[]) => string
> = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
