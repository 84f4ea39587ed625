/**
 * Single keys of the terminal that a process was started from.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import process from "node:process";

/**
 * Reads keys as they are pressed. Signals stay what they are: Ctrl-C and Ctrl-Z come from the terminal, as
 * ever, which the runtimes' raw mode would take away. So it is stty(1) that is asked, and where there is
 * none keys count once Enter is pressed.
 */
export class Keyboard {
  readonly #press: (key: string) => void;
  /** How the terminal was before, in the words of stty. */
  readonly #before: string | undefined;

  /** Begins to read, where standard input is a terminal that this process may read from. */
  static open(press: (key: string) => void): Keyboard | undefined {
    if (process.stdin.isTTY !== true || !inForeground()) return undefined;
    return new Keyboard(press);
  }

  private constructor(press: (key: string) => void) {
    this.#press = press;
    this.#before = stty("-g");
    this.take();
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (text) => {
      for (const key of String(text)) this.#press(key);
    });
    // The shell has set the terminal as it likes it; a process in the background is stopped if it reads.
    process.on("SIGCONT", () => this.take());
    process.once("exit", () => this.#giveBack());
  }

  /** Sets the terminal, also anew: a process of Bun's leaves it as it was when that process began. */
  take(): void {
    if (!inForeground()) return void process.stdin.pause();
    if (this.#before !== undefined) stty("-icanon", "-echo", "min", "1");
    process.stdin.resume();
  }

  /** Setting a terminal from the background would stop this process. */
  #giveBack(): void {
    if (this.#before !== undefined && inForeground()) stty(this.#before);
  }
}

/** Asks or sets the terminal; `undefined` where that cannot be. */
function stty(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync("stty", args, {
    stdio: ["inherit", "pipe", "ignore"],
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Does the terminal belong to this process's group now? */
function inForeground(): boolean {
  const { status, stdout } = spawnSync("ps", ["-o", "pgid=,tpgid=", "-p", String(process.pid)], {
    stdio: ["ignore", "pipe", "ignore"],
    encoding: "utf8",
  });
  const [group, foreground] = stdout?.trim().split(/\s+/) ?? [];
  return status === 0 && group !== undefined && group === foreground;
}
