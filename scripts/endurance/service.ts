import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { proportionalMemory, treeOf } from "../benchmark/proc.ts";
import type { LogLine } from "./account.ts";
import { ask } from "./ask.ts";
import type { Form } from "./settings.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** How many workers there are. */
export const workers = 2;

/** What the log of a service says. */
export interface Log {
  access: LogLine[];
  /** The other lines, each level, part and message without its numbers once, with how many there are. */
  other: Map<string, number>;
  /** Lines that are no JSON object. */
  broken: string[];
}

/** What processes hold. */
export interface Resources {
  processes: number;
  /** In bytes; shared pages in equal parts. */
  memory: number;
  descriptors: number;
  /** Of the supervisor alone. */
  supervisorMemory: number;
  supervisorDescriptors: number;
}

function commandOf(form: Form): string[] {
  if (form === "executable") return [join(root, "dist/hurricane")];
  const main = join(root, "src/main.ts");
  return form === "bun"
    ? [process.env["HURRICANE_BUN"]!, main]
    : [process.env["HURRICANE_DENO"]!, "run", "-A", "--unstable-net", main];
}

/** Does `serve` have this option? */
export function hasOption(form: Form, option: string): boolean {
  const [file = "", ...words] = commandOf(form);
  return execFileSync(file, [...words, "serve", "--help"], { encoding: "utf8" }).includes(option);
}

/** The version of what runs: Hurricane's and the runtime's. */
export function versionOf(form: Form): string {
  const [file = "", ...words] = commandOf(form);
  return execFileSync(file, [...words, "--version"], { encoding: "utf8" }).trim();
}

/** A Hurricane that runs, with its log in a file. */
export class Service {
  readonly port: number;
  readonly probePort: number;
  /** Its exit code, or the signal that has ended it. */
  readonly exited: Promise<number | string>;
  readonly #child: ChildProcess;
  readonly #log: string;

  constructor(form: Form, args: string[], ports: [number, number], log: string) {
    [this.port, this.probePort] = ports;
    this.#log = log;
    const [file = "", ...words] = commandOf(form);
    const output = openSync(log, "a");
    const { HURRICANE_BUN: _bun, HURRICANE_DENO: _deno, ...env } = process.env;
    this.#child = spawn(file, [
      ...words,
      "serve",
      join(root, "scripts/endurance/handler.ts"),
      "--host=127.0.0.1",
      `--port=${this.port}`,
      `--probe-port=${this.probePort}`,
      `--workers=${workers}`,
      "--access-log",
      "--log-format=json",
      ...args,
    ], { stdio: ["ignore", output, output], env });
    closeSync(output);
    this.exited = once(this.#child, "exit").then(([code, signal]) => code ?? signal);
  }

  /** Waits until it serves. Rejects where it does not. */
  async serving(): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
      if (this.#child.exitCode !== null) break;
      const told = await ask(this.probePort, "/startup").catch(() => undefined);
      if (told?.status === 200) return;
      await sleep(100);
    }
    throw new Error(`Hurricane did not start:\n${readFileSync(this.#log, "utf8")}`);
  }

  /** Sends a signal to the supervisor. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  get #tree(): number[] {
    return treeOf(this.#child.pid ?? 0);
  }

  /** The processes of the workers, those that start and those that end included. */
  get workers(): number[] {
    return this.#tree.slice(1);
  }

  /** Waits until there are as many workers as there should be, and none of these. */
  async settled(without: readonly number[] = []): Promise<void> {
    for (let calm = 0, tries = 0; calm < 5; tries++) {
      if (tries > 600) {
        throw new Error(`the workers are still ${this.workers.join(", ")} after 60 s`);
      }
      const { workers: now } = this;
      const fine = now.length === workers && !now.some((pid) => without.includes(pid));
      calm = fine ? calm + 1 : 0;
      await sleep(100);
    }
  }

  /** What its processes hold now. */
  resources(): Resources {
    const tree = this.#tree;
    const supervisor = tree.slice(0, 1);
    return {
      processes: tree.length,
      memory: proportionalMemory(tree),
      descriptors: descriptorsOf(tree),
      supervisorMemory: proportionalMemory(supervisor),
      supervisorDescriptors: descriptorsOf(supervisor),
    };
  }

  /** How long its log is now. */
  get logged(): number {
    return readFileSync(this.#log).length;
  }

  /** Its log, or the first so many bytes of it. */
  log(most = Infinity): Log {
    const text = readFileSync(this.#log).subarray(0, most).toString();
    const log: Log = { access: [], other: new Map(), broken: [] };
    for (const line of text.split("\n")) if (line !== "") take(line, log);
    return log;
  }

  /** Nothing of it is left behind. */
  kill(): void {
    for (const pid of this.#tree) process.kill(pid, "SIGKILL");
  }
}

function take(line: string, log: Log): void {
  let read: {
    time: string;
    level: string;
    part: string;
    message: string;
    path: string;
    status: number;
  };
  try {
    read = JSON.parse(line);
  } catch {
    log.broken.push(line);
    return;
  }
  const { time, level, part, message, path, status } = read;
  if (part === "access") {
    const id = Number(new URL(path, "http://soak").searchParams.get("id"));
    log.access.push({ id, status, time: Date.parse(time) });
    return;
  }
  const kind = `${level} ${part}: ${message.replace(/\d+(\.\d+)?/g, "N")}`;
  log.other.set(kind, (log.other.get(kind) ?? 0) + 1);
}

function descriptorsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      return sum + readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      // It has ended meanwhile.
      return sum;
    }
  }, 0);
}
