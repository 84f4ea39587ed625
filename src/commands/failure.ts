import { TracedError } from "../errors.ts";
import { displayCommand } from "./display.ts";

/** A command that exited non-zero, was killed, took too long or could not be started. */
export class CommandFailure extends TracedError {
  /** `CommandFailure` */
  override name = "CommandFailure";
  /** The command as it may be shown, credentials in URLs left out. */
  readonly command: string;
  /** The last 20 lines it wrote, standard output and standard error in the order they arrived. */
  readonly lastLines: readonly string[];

  /**
   * The error about a command.
   *
   * @param text The command as it was given.
   * @param what What happened to it: the end of a sentence that begins with the command.
   * @param lastLines Its last output.
   */
  constructor(
    text: string,
    what: string,
    lastLines: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(displayCommand(`command "${text}" ${what}`), options);
    this.command = displayCommand(text);
    this.lastLines = lastLines;
  }

  /** The message and the last output: there is no place in code. */
  get trace(): string {
    const { lastLines, message } = this;
    return lastLines.length === 0 ? message : `${message}\nlast output:\n${lastLines.join("\n")}`;
  }
}

/** A command that was ended, or not begun, because Hurricane was asked to stop. */
export class CommandInterrupted extends Error {
  override name = "CommandInterrupted";

  /**
   * @param text The command as it was given.
   * @param what How far it had come: the end of a sentence that begins with the command.
   */
  constructor(text: string, what: string) {
    super(displayCommand(`command "${text}" ${what}`));
  }
}
