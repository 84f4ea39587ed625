import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Contender } from "./contenders.ts";
import { type Answer, type Ask, ask, freePort } from "./http.ts";
import type { Processors } from "./machine.ts";
import { benchRoot, outputFile } from "./places.ts";
import { processorTime, proportionalMemory, treeOf } from "./proc.ts";
import { guard, kill } from "./running.ts";
import type { Scenario } from "./scenarios.ts";

/** How long a contender may take to start, in milliseconds. */
const startTimeout = 20_000;

/** What a contender is started with. */
export interface Setup {
  scenario: Scenario;
  processors: Processors;
  /** Both processors instead of one? */
  both?: boolean;
  workers?: number;
  /** A probe whose 200 is waited for instead of the handler's. */
  firstProbe?: string;
  /** Variables for the handler. */
  env?: Record<string, string>;
}

/** A contender that runs. Dispose of it. */
export class Server implements AsyncDisposable {
  readonly contender: Contender;
  readonly port: number;
  readonly probePort: number;
  /** From its start to its first 200, in milliseconds. */
  firstAnswer = NaN;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(contender: Contender, setup: Setup, port: number, probePort: number) {
    this.contender = contender;
    this.port = port;
    const { probes } = contender;
    this.probePort = probes?.shared ? port : probePort;
    const { scenario, processors, both = false, workers = 1, env = {} } = setup;
    const { handler, accessLog } = scenario;
    const output = accessLog
      ? openReader(processors.load, contender.name)
      : openSync(outputFile(contender.name), "w");
    const command = contender.command({ handler, port, probePort, accessLog, workers });
    this.#child = guard(
      spawn("taskset", ["-c", both ? processors.both : processors.server, ...command], {
        cwd: benchRoot,
        stdio: ["ignore", output, output],
        env: { ...environment(), ...env },
      }),
    );
    closeSync(output);
    this.#exited = once(this.#child, "exit");
  }

  /** Starts a contender and waits for its first answer. Rejects where it does not come. */
  static async start(contender: Contender, setup: Setup): Promise<Server> {
    const missing = contender.missing?.();
    if (missing !== undefined) throw new Error(missing);
    const [port, probePort] = [await freePort(), await freePort()];
    const started = performance.now();
    const server = new Server(contender, setup, port, probePort);
    try {
      await server.#answers(setup);
      server.firstAnswer = performance.now() - started;
      if (setup.workers !== undefined) await server.#workersAreUp(setup.workers);
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Its processes: with Hurricane the supervisor and the handler's. */
  get tree(): number[] {
    return treeOf(this.pid);
  }

  /** The processor time of all its processes so far, in seconds. */
  get processorTime(): number {
    return processorTime(this.tree);
  }

  /** The proportional memory of all its processes, in bytes. */
  get memory(): number {
    return proportionalMemory(this.tree);
  }

  /** Compares an answer with what the scenario expects, byte by byte. Rejects where it differs. */
  async check({ path, method, bodySize, answer, contentType }: Scenario): Promise<void> {
    const body = method === "POST" ? "x".repeat(bodySize) : undefined;
    const got = await ask({
      port: this.port,
      path,
      method,
      ...(body === undefined ? {} : { body }),
    });
    const type = got.headers.get("content-type") ?? "none";
    if (got.status !== 200) throw new Error(`answers ${got.status} instead of 200`);
    if (got.body !== answer) {
      throw new Error(`answers ${JSON.stringify(got.body.slice(0, 60))}, which is wrong`);
    }
    if (!type.startsWith(contentType)) throw new Error(`answers ${type}, not ${contentType}`);
  }

  /** Asks a probe. Rejects where the contender has none. */
  probe(name: "ready" | "alive"): Promise<Answer> {
    const path = this.contender.probes?.[name];
    if (path === undefined) throw new Error(`${this.contender.name} has no probes`);
    return ask({ port: this.probePort, path });
  }

  /** Reads its metrics; `undefined` where it has none. */
  async scrape(): Promise<Answer | undefined> {
    const { metrics } = this.contender;
    if (metrics === undefined) return undefined;
    return await ask({ port: metrics.shared ? this.port : this.probePort, path: metrics.path });
  }

  /** How many requests its metrics have counted; `undefined` where it has none. */
  async counted(): Promise<number | undefined> {
    const scraped = await this.scrape();
    const { metrics } = this.contender;
    if (scraped === undefined || metrics === undefined) return undefined;
    const pattern = new RegExp(`^${metrics.counter}(?:\\{.*\\})? (\\d+)$`, "gm");
    return [...scraped.body.matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    kill(this.#child);
    await this.#exited;
  }

  /**
   * Asks until there is a 200. A probe is asked once the handler listens: asked all the time, it would
   * take the processor from what is being started.
   */
  async #answers({ scenario: { path, method }, firstProbe }: Setup): Promise<void> {
    const body = method === "POST" ? { body: "" } : {};
    await this.#until200({ port: this.port, path, method, ...body });
    if (firstProbe !== undefined) await this.#until200({ port: this.probePort, path: firstProbe });
  }

  /** Rejects where there are not as many processes as asked for, beside the supervisor. */
  async #workersAreUp(asked: number): Promise<void> {
    if (!this.contender.hurricane) return;
    await this.#until200({ port: this.probePort, path: "/startup" });
    const found = this.tree.length - 1;
    if (found !== asked) throw new Error(`--workers ${asked} runs ${found}`);
  }

  async #until200(request: Ask): Promise<void> {
    const end = performance.now() + startTimeout;
    for (;;) {
      try {
        const { status } = await ask(request);
        if (status === 200) return;
        throw new Error(`answers ${status} instead of 200`);
      } catch (error) {
        if (this.#child.exitCode !== null) {
          throw new Error(`ended at its start: ${lastLine(this.contender.name)}`);
        }
        if (performance.now() > end) throw error;
      }
      await sleep(1);
    }
  }
}

/** A pipe with a reader, as a container's log has, on the load's side of the machine. */
function openReader(processor: string, contender: string): number {
  const fifo = join(benchRoot, `fifo.${contender}`);
  for (const old of [fifo, outputFile(contender)]) rmSync(old, { force: true });
  execFileSync("mkfifo", [fifo]);
  guard(spawn("taskset", ["-c", processor, "cat", fifo], { stdio: "ignore" }));
  // For reading as well: opening it for writing alone would wait for the reader.
  return openSync(fifo, "r+");
}

function environment(): Record<string, string | undefined> {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, NODE_ENV: "production", NO_COLOR: "1" };
}

function lastLine(contender: string): string {
  if (!existsSync(outputFile(contender))) return "it wrote to a pipe";
  return readFileSync(outputFile(contender), "utf8").trim().split("\n").at(-1) || "it said nothing";
}
