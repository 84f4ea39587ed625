import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Order, Outcome, Report } from "./outcome.ts";
import type { Abilities } from "./plan.ts";
import type { Settings } from "./settings.ts";

/** The process of the clients. */
export class Clients {
  /** What they have told so far. */
  readonly outcomes: Outcome[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Map<Report["type"], () => void>();
  readonly #ended: Promise<unknown>;

  constructor(port: number, { seed, rate, kinds, tls }: Settings, abilities: Abilities) {
    const script = fileURLToPath(new URL("load.ts", import.meta.url));
    const words = [script, ...[port, seed, rate].map(String), kinds.join(",")];
    words.push(JSON.stringify(abilities), String(tls));
    // On a busy machine some of Bun 1.4's clients stay in their TLS handshake until the server closes.
    const [bun, deno] = [process.env["HURRICANE_BUN"]!, process.env["HURRICANE_DENO"]!];
    const [file, before] = tls ? [deno, ["run", "-A", "--no-check"]] : [bun, []];
    this.#child = spawn(file, [...before, ...words], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: this.#child.stdout! });
    lines.on("line", (line) => {
      const report = JSON.parse(line) as Report;
      if (report.type === "outcome") this.outcomes.push(report.outcome);
      else this.#waiting.get(report.type)?.();
    });
    this.#ended = Promise.all([once(this.#child, "exit"), once(lines, "close")]);
  }

  /** Gives an order and waits for what it leads to. */
  async order(order: "finish" | "burst", until: "rest" | "burst"): Promise<void> {
    const reached = new Promise<void>((resolve) => this.#waiting.set(until, resolve));
    this.#say(order);
    await Promise.race([
      reached,
      this.#ended.then(() => {
        throw new Error("the load generator has ended");
      }),
    ]);
  }

  /** Begins no more requests, and waits until all have ended. */
  async stop(): Promise<void> {
    this.#say("stop");
    await this.#ended;
  }

  /** Nothing of it is left behind. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #say(order: Order): void {
    this.#child.stdin!.write(`${order}\n`);
  }
}
