import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { configureLog, type LogRecord } from "../../src/log.ts";

/** A folder for one test. */
export class TempDir implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "hurricane-commands-"));

  /** Writes a file and returns its path. */
  file(name: string, content: string | Uint8Array, mode = 0o644): string {
    const file = join(this.path, name);
    writeFileSync(file, content, { mode });
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** What was logged, as somebody would read it. */
export interface LogEntry {
  level: string;
  text: string;
  properties: LogRecord["properties"];
}

/** Collects what is logged while it exists. */
export class CapturedLog implements Disposable {
  readonly entries: LogEntry[] = [];
  readonly #waiting = new Map<(line: string) => boolean, (line: string) => void>();

  constructor() {
    configureLog({ logLevel: "debug", logFormat: "json" }, (record) => this.#take(record));
  }

  /** The lines that commands wrote, in all or to one stream. */
  lines(stream?: string): string[] {
    return this.entries
      .filter(({ properties }) => stream === undefined || properties.stream === stream)
      .flatMap(({ properties }) => typeof properties.line === "string" ? [properties.line] : []);
  }

  /** Waits for a line that matches. */
  line(pattern: RegExp): Promise<string> {
    const seen = this.lines().find((line) => pattern.test(line));
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((resolve) => this.#waiting.set((line) => pattern.test(line), resolve));
  }

  #take({ level, message, properties }: LogRecord): void {
    this.entries.push({ level, text: message, properties });
    const { line } = properties;
    if (typeof line !== "string") return;
    for (const [matches, resolve] of this.#waiting) {
      if (matches(line)) resolve(line);
    }
  }

  [Symbol.dispose](): void {
    configureLog({ logLevel: "error", logFormat: "json" }, () => {});
  }
}

/** Does a process run? A zombie does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Waits until a process no longer runs. */
export async function gone(pid: number): Promise<void> {
  while (isRunning(pid)) await sleep(10);
}

/** The numbers in a line. */
export function numbersIn(line: string): number[] {
  return (line.match(/\d+/g) ?? []).map(Number);
}
