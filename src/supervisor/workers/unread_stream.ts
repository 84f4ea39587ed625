import { readFileSync } from "node:fs";
import process from "node:process";

/** The numbers of `write` and `writev`: of x86-64, then of arm64. */
const writes: Partial<Record<string, readonly number[]>> = { x64: [1, 20], arm64: [64, 66] };

const streams: Partial<Record<number, string>> = { 1: "standard output", 2: "standard error" };

/**
 * The standard stream that the main thread of a process is waiting to write to, because its reader has
 * stalled; `undefined` where it is none. Only Linux tells, and only of one's own processes.
 *
 * @param call what `/proc/PID/syscall` says, see https://man7.org/linux/man-pages/man5/proc_pid_syscall.5.html
 */
export function unreadStream(pid: number, call: string = callOf(pid)): string | undefined {
  const [number, descriptor] = call.split(" ");
  if (!writes[process.arch]?.includes(Number(number))) return undefined;
  return streams[Number(descriptor)];
}

function callOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/syscall`, "utf8");
  } catch {
    // Another system, or one that hides it.
    return "";
  }
}
