import { readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

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
