/**
 * Somebody at a shell, in a terminal that script(1) makes.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { ownEnvironment } from "./processes.ts";
import { eventually } from "./wait.ts";

/**
 * Why there is no such shell here, or `undefined`.
 *
 * @param load What it must be able to run, if that matters.
 */
export function shellMissing(name: string, load = "exit 0"): string | undefined {
  if (spawnSync("script", ["--version"]).status !== 0) return "script(1) is not installed";
  const { error, status } = spawnSync(name, ["-c", load]);
  if (error !== undefined) return `${name} is not installed`;
  return status === 0 ? undefined : `${name} cannot: ${load}`;
}

/** An interactive shell. */
export class Shell implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  #text = "";

  /**
   * @param command What starts it, for sh.
   * @param home Where it is started, and its only configuration.
   * @param path What stands before the system's programs.
   */
  constructor(command: string, home: string, path: string) {
    this.#child = spawn("script", ["-qec", `stty sane cols 200; exec ${command}`, "/dev/null"], {
      cwd: home,
      env: {
        ...ownEnvironment(),
        HOME: home,
        PATH: `${path}:${process.env["PATH"]}`,
        SHELL: "/bin/sh",
        TERM: "xterm",
        // Nothing of who runs the tests.
        XDG_DATA_HOME: "",
        XDG_CONFIG_HOME: "",
        ZDOTDIR: home,
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text) => this.#text += text);
    this.#exited = once(this.#child, "exit");
  }

  /** Has it run a command, and gives what that prints in a line that begins with an arrow. */
  async run(command: string): Promise<string> {
    return await this.#arrow(`${command}\n`);
  }

  /** What a line is after the Tab key. It is printed, not run: Ctrl-A goes to its begin, Ctrl-E to its end. */
  async completed(line: string): Promise<string> {
    return await this.#arrow(`${line}\t\x01echo '=>' \x05\n`);
  }

  /** Types something, and waits for a line that begins with an arrow: what is typed has another begin. */
  async #arrow(keys: string): Promise<string> {
    const from = this.#text.length;
    this.#child.stdin?.write(keys);
    const shown = () => stripVTControlCharacters(this.#text.slice(from)).replaceAll("\r", "");
    const arrow = () => /^=> (.*)\n/m.exec(shown())?.[1];
    await eventually(`an answer to ${JSON.stringify(keys)}`, () => arrow() !== undefined)
      .catch((error) => {
        throw new Error(`${error.message}; there was: ${JSON.stringify(shown())}`);
      });
    return arrow()?.trimEnd() ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }
}
