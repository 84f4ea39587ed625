import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";

const log = logger("supervisor");

/** How often zombies are looked for, in milliseconds. */
const interval = 5_000;

/**
 * As PID 1, takes the exit states of processes that lost their parent and ended.
 *
 * The kernel hands orphans to PID 1, and the runtimes wait only for what they have started: without
 * this an orphan that ends keeps its entry in the process table for as long as the container lives.
 * What the runtime has started itself it reaps at once; a zombie that is still there at the second
 * look is nobody's.
 */
export function reapOrphans(): void {
  if (process.pid !== 1 || process.platform !== "linux") return;
  let before = new Set<number>();
  const timer = setInterval(() => {
    try {
      const now = zombies(process.pid);
      for (const pid of now) if (before.has(pid)) runtime.reap(pid);
      before = now;
    } catch (error) {
      // It may pass: there may be no file descriptor left at the moment.
      log.warn("ended orphans stay in the process table: {error}", { error: messageOf(error) });
    }
  }, interval);
  timer.unref();
  log.debug("reaping orphans, as PID 1");
}

/** The ended children of a process whose exit states nobody has taken. */
export function zombies(parent: number): Set<number> {
  const found = new Set<number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const [state, ppid] = stat(name);
    if (state === "Z" && Number(ppid) === parent) found.add(Number(name));
  }
  return found;
}

/** State and parent, which follow the program's name in `/proc/<pid>/stat`. */
function stat(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    // It has gone since the folder was read.
    return [];
  }
}
