/**
 * Load over kept connections, by `wrk`: https://github.com/wg/wrk
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { signal } from "./processes.ts";
import { Program } from "./program.ts";

/** Why there is no such load; `undefined` where there is. */
export const wrkMissing = spawnSync("wrk", ["--version"]).error === undefined
  ? undefined
  : "skipped: wrk is not installed (Debian has it in the package wrk)";

/** What it counted. */
export interface WrkReport {
  /** Answers that arrived completely, whatever their status. */
  answered: number;
  failed: number;
  /** All that it wrote. */
  text: string;
}

/** How many connections it keeps. What they were waiting for at its end it does not count. */
export const wrkConnections = 6;

/** One `wrk` that runs until it is stopped; where nobody does, it ends by itself some time. */
export class Wrk implements AsyncDisposable {
  readonly #program: Program;

  constructor(url: string) {
    this.#program = new Program({
      file: "wrk",
      args: ["-t1", `-c${wrkConnections}`, "-d10m", "--timeout=30s", url],
      env: { PATH: process.env["PATH"] ?? "" },
    });
  }

  /** Ends it, and reads what it counted. */
  async stop(): Promise<WrkReport> {
    signal(this.#program.pid, "SIGINT");
    const { stdout } = await this.#program.ended;
    const socketErrors = /^ *Socket errors: (.*)$/m.exec(stdout)?.[1] ?? "";
    const others = /^ *Non-2xx or 3xx responses: (\d+)$/m.exec(stdout)?.[1] ?? 0;
    const failed = [...socketErrors.matchAll(/\d+/g)].map(Number);
    return {
      answered: Number(/^ *(\d+) requests in /m.exec(stdout)?.[1]),
      failed: failed.reduce((sum, count) => sum + count, Number(others)),
      text: stdout,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
