/**
 * The processes that the benchmark has started, and their end.
 *
 * @module
 */
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { treeOf } from "./proc.ts";

const running = new Set<ChildProcess>();

/** Sees to it that a process does not outlive the benchmark. Returns it. */
export function guard<Child extends ChildProcess>(child: Child): Child {
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Ends a process and all that descends from it, each by its id. */
export function kill({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  for (const member of treeOf(pid)) {
    try {
      process.kill(member, "SIGKILL");
    } catch (error) {
      // It has ended in the meantime.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** Ends whatever still runs. */
export function killAll(): void {
  for (const child of running) kill(child);
}
