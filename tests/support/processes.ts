/**
 * The processes of one test, found by a mark in their environment: a process that left its group
 * or lost its parent is still found.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** The variable that holds the mark. */
export const markVariable = "TEST_PROCESS_MARK";

/** The ids of the processes alive that carry the mark. A zombie has no environment any more. */
export function marked(mark: string): number[] {
  const wanted = `${markVariable}=${mark}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/environ`).includes(wanted))
    .map(Number);
}

/** The command line of a process, for messages. */
export function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

/** Sends a signal to a process that may be gone already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** This process's environment without what would change Hurricane's defaults. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      name !== "PORT" && !/^(HURRICANE|KUBERNETES)_/.test(name)
    ),
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // The process ended meanwhile (ENOENT, ESRCH) or belongs to somebody else (EACCES, EPERM).
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(code)) return "";
    throw error;
  }
}
