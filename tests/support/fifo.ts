import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { TempDir } from "./temp_dir.ts";
import { eventually } from "./wait.ts";

/** A pipe that somebody else writes to, and that is read only when the test says so. */
export class Fifo implements Disposable {
  readonly path: string;
  readonly #dir = new TempDir();
  readonly #descriptor: number;
  readonly #bytes = new Uint8Array(64 * 1024);
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor() {
    this.path = join(this.#dir.path, "pipe");
    execFileSync("mkfifo", [this.path]);
    this.#descriptor = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** What has it be the standard error of a command that follows. */
  get under(): string[] {
    return ["sh", "-c", 'exec "$@" 2>"$0"', this.path];
  }

  /** The whole lines that are there now. */
  lines(): string[] {
    for (let size = this.#read(); size > 0; size = this.#read()) {
      this.#rest += this.#decoder.decode(this.#bytes.subarray(0, size), { stream: true });
    }
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop() ?? "";
    return lines;
  }

  /** Reads until there is a line that matches, and gives all up to then to `take`. */
  async until(what: string, pattern: RegExp, take: (line: string) => void): Promise<void> {
    await eventually(what, () => {
      const lines = this.lines();
      lines.forEach(take);
      return lines.some((line) => pattern.test(line));
    });
  }

  /** 0 where there is nothing, or nobody who writes. */
  #read(): number {
    try {
      return readSync(this.#descriptor, this.#bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
    this.#dir[Symbol.dispose]();
  }
}
