import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { logger } from "../log.ts";

const log = logger("commands");

/** How long processes may take to disappear after SIGKILL, in milliseconds. */
const killGrace = 1000;

/**
 * Ends every process of a group: SIGTERM, and SIGKILL for what is left after `killAfter`
 * milliseconds. Resolves when the group is gone.
 *
 * What cannot be ended (a process of another user, one stuck in the kernel) is given up on with a
 * warning: a failed start must not wait for it.
 */
export async function endGroup(group: number, killAfter: number): Promise<void> {
  if (!signalGroup(group, "SIGTERM") || await isGone(group, killAfter)) return;
  log.warn("process group {group} is still there {ms} ms after SIGTERM: sending SIGKILL", {
    group,
    ms: killAfter,
  });
  signalGroup(group, "SIGKILL");
  if (!(await isGone(group, killGrace))) {
    log.warn("process group {group} could not be ended", { group });
  }
}

/**
 * Sends a signal to every process of a group; 0 only asks.
 *
 * @returns Whether there is such a group.
 */
export function signalGroup(group: number, signal: "SIGTERM" | "SIGKILL" | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") return false;
    // The group exists and belongs to another user, as under sudo.
    if (code === "EPERM") return true;
    throw error;
  }
}

async function isGone(group: number, within: number): Promise<boolean> {
  const deadline = performance.now() + within;
  for (let pause = 5; isAlive(group); pause = Math.min(pause * 2, 100)) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(pause, left));
  }
  return true;
}

/**
 * Does a process of the group still run?
 *
 * A zombie counts for `kill` as long as nobody has asked for its exit state. As PID 1 of a
 * container Hurricane inherits such orphans, and neither runtime collects what it did not spawn,
 * so Linux is asked for the states (proc_pid_stat(5)). Elsewhere a zombie is taken for alive.
 */
function isAlive(group: number): boolean {
  if (!signalGroup(group, 0)) return false;
  if (process.platform !== "linux") return true;
  return readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && isRunningMember(pid, group));
}

function isRunningMember(pid: string, group: number): boolean {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    // It has ended since the directory was read.
    return false;
  }
  // `pid (name) state parent group …`: the name may contain spaces and parentheses.
  const [state, , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(processGroup) === group && state !== "Z" && state !== "X";
}
