import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../benchmark/http.ts";
import { ask } from "../endurance/ask.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bun = process.env["HURRICANE_BUN"] ?? "bun";
const deno = process.env["HURRICANE_DENO"] ?? "deno";

/** A handler on a runtime, with Hurricane around it and without. */
export interface Pair {
  name: string;
  bare: readonly string[];
  hurricane: readonly string[];
}

const [web, node] = ["fetch", "node"].map((name) =>
  join(root, `scripts/fuzzing/handlers/${name}.ts`)
) as [
  string,
  string,
];
const onDeno = [deno, "run", "-A", "--unstable-net"];
const main = join(root, "src/main.ts");

/** All of them. */
export const pairs: readonly Pair[] = [
  { name: "bun", bare: [bun, web], hurricane: [join(root, "dist/hurricane"), "serve", web] },
  { name: "bun-node", bare: [bun, node], hurricane: [join(root, "dist/hurricane"), "serve", node] },
  { name: "deno", bare: [...onDeno, web], hurricane: [...onDeno, main, "serve", web] },
  { name: "deno-node", bare: [...onDeno, node], hurricane: [...onDeno, main, "serve", node] },
];

/** Something that answers, until it is disposed of. */
export class Target implements AsyncDisposable {
  readonly port: number;
  readonly probePort: number;
  readonly #child: ChildProcess;
  readonly #log: string;

  private constructor(command: readonly string[], env: Record<string, string>, ports: number[]) {
    [this.port, this.probePort] = ports as [number, number];
    this.#log = join(mkdtempSync(join(tmpdir(), "hurricane-fuzz-")), "log");
    const output = openSync(this.#log, "w");
    const [file = "", ...args] = command;
    this.#child = spawn(file, args, {
      stdio: ["ignore", output, output],
      env: { ...process.env, ...env },
    });
    closeSync(output);
  }

  static async bare({ bare }: Pair): Promise<Target> {
    const port = await freePort();
    const target = new Target(bare, { FUZZ_PORT: String(port) }, [port, 0]);
    await target.#answers(port, "/");
    return target;
  }

  static async hurricane({ hurricane }: Pair): Promise<Target> {
    const ports = [await freePort(), await freePort()];
    const options = ["--host=127.0.0.1", `--port=${ports[0]}`, `--probe-port=${ports[1]}`];
    // What is wrong with a request is told at warn, by the ten thousands; an error is what must not be.
    const target = new Target([...hurricane, ...options, "--log-level=error"], {}, ports);
    await target.#answers(target.probePort, "/startup");
    return target;
  }

  /** Does it run, as the same process? */
  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it has written. */
  get log(): string {
    return readFileSync(this.#log, "utf8");
  }

  async #answers(port: number, path: string): Promise<void> {
    for (let tries = 0; tries < 300 && this.runs; tries++) {
      const answer = await ask(port, path).catch(() => undefined);
      if (answer?.status === 200) return;
      await sleep(50);
    }
    throw new Error(`does not answer: ${this.log}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.runs) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
