/**
 * Runs one command to its end, with all that it starts.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import process from "node:process";

/** How a command is run. */
export interface Surroundings {
  cwd: string;
  env?: Record<string, string>;
  /** The file that its output goes to as it comes. */
  log: string;
  limits?: typeof usualLimits;
}

/** What came of a command. */
export interface Ended {
  ok: boolean;
  /** Both streams, as they came. */
  output: string;
}

/** When a command is taken for one that hangs, in milliseconds. */
const usualLimits = {
  /**
   * It has written nothing for so long. Deno has no limit for a single test; and a release is silent
   * while it fetches what it is made of.
   */
  silence: 900_000,
  /** It has ended, and for so long what it has started holds its output open. */
  leftBehind: 10_000,
};

const running = new Set<number>();

/** Runs a command in a process group of its own, so that a hanging one goes with all it started. */
export function execute(
  [file = "", ...args]: readonly string[],
  { cwd, env, log, limits = usualLimits }: Surroundings,
): Promise<Ended> {
  const child = spawn(file, args, {
    cwd,
    detached: true,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  let output = "";
  const write = (text: string) => {
    output += text;
    appendFileSync(log, text);
  };
  const stop = () => {
    write(`\nstopped: it has written nothing for ${limits.silence / 1000} s\n`);
    if (pid !== undefined) kill(pid);
  };
  let timer = setTimeout(stop, limits.silence);
  const take = (text: string) => {
    write(text);
    if (child.exitCode === null && child.signalCode === null) timer.refresh();
  };
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", take);
  return new Promise((resolve) => {
    const end = (ok: boolean) => {
      clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
      resolve({ ok, output });
    };
    child.once("error", (error) => {
      write(`${error.message}\n`);
      end(false);
    });
    child.once("exit", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        write("\nstopped: it has ended, but left processes behind that hold its output open\n");
        if (pid !== undefined) kill(pid);
        end(false);
      }, limits.leftBehind);
    });
    child.once("close", (code) => end(code === 0));
  });
}

/** Ends whatever still runs. */
export function killAll(): void {
  for (const pid of running) kill(pid);
}

/** Ends a process group. */
function kill(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has ended in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
