import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./ask.ts";
import { statusesOf } from "./account.ts";
import type { Told } from "./receiver.ts";

/** Asks the probes as a kubelet does, and scrapes as Prometheus does. The only one who asks. */
export class Prober {
  /** The changes of state that it has been told, which are what webhooks tell of. */
  readonly changes: Told[] = [{ type: "startup", status: "succeeded" }];
  /** How many probes have been answered, and scrapes. */
  probes = 0;
  scrapes = 0;
  /** What was wrong. */
  readonly differences: string[] = [];
  readonly #port: number;
  readonly #states = new Map<string, string>();
  #counted = new Map<number, number>();
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(port: number) {
    this.#port = port;
    this.#done = this.#run();
  }

  /** Asks no more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  /** The requests that the metrics have counted, by status. No counter may fall. */
  async scrape(): Promise<Map<number, number>> {
    const { text } = await ask(this.#port, "/metrics");
    this.scrapes++;
    const counted = statusesOf(text);
    for (const [status, before] of this.#counted) {
      const now = counted.get(status) ?? 0;
      if (now < before) {
        this.differences.push(`the counter of status ${status} fell from ${before} to ${now}`);
      }
    }
    this.#counted = counted;
    return counted;
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      await this.#try(() => this.#probe("readiness", "/ready"));
      await this.#try(() => this.#probe("liveness", "/alive"));
      if (turn % 10 === 9) await this.#try(() => this.scrape());
      await sleep(500);
    }
  }

  async #try(asking: () => Promise<unknown>): Promise<void> {
    try {
      await asking();
    } catch (error) {
      this.differences.push(error instanceof Error ? error.message : String(error));
    }
  }

  async #probe(type: string, path: string): Promise<void> {
    const told = await ask(this.#port, path);
    this.probes++;
    const status = told.status === 200 ? "succeeded" : "failed";
    if (type === "liveness" && status === "failed") this.differences.push(`/alive: ${told.text}`);
    if (this.#states.get(type) === status) return;
    this.#states.set(type, status);
    this.changes.push({ type, status });
  }
}
