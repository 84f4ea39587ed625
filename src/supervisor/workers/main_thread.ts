import { readFileSync } from "node:fs";
import { unreadStream } from "./unread_stream.ts";

/**
 * What the main thread of a process does whose event loop stands still, as a sentence for the log. Only
 * Linux tells, and only of one's own processes.
 *
 * @param state the third field of `/proc/PID/stat`, see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function whatKeepsIt(pid: number, state: string = stateOf(pid)): string {
  const unread = unreadStream(pid);
  if (unread !== undefined) return `it is blocked writing to ${unread}, which nobody reads`;
  switch (state) {
    case "R":
      return "the handler computes without a pause, or gets no CPU";
    case "S":
    case "D":
      return "the handler waits for something synchronously";
    case "T":
    case "t":
      return "its process is stopped, as by SIGSTOP or a debugger";
    default:
      return "the handler does not let it turn";
  }
}

function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses, which may hold spaces and parentheses.
    return stat[stat.lastIndexOf(")") + 2] ?? "";
  } catch {
    // Another system, or the process has just ended.
    return "";
  }
}
