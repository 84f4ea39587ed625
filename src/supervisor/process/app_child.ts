import type { ChildProcess } from "node:child_process";
import process from "node:process";
import type { Port } from "../../app/channel.ts";
import type { AppConfig } from "../../app/options.ts";
import { logger } from "../../log.ts";
import { spawnApp } from "./app_spawn.ts";

const log = logger("supervisor");

/** What is said of a process that ended by itself. */
const exitedWith = (code: number | null): string => `exited with code ${code}`;

/** What is said of a process that ended as one that has nothing to complain of does. */
export const exitedWell: string = exitedWith(0);

/** The way to a process that could not be started. */
const nobody: Port = { connected: false, on() {} };

/** However the supervisor ends, the processes of the handler do not outlive it. */
const running = new Set<AppChild>();
process.on("exit", () => {
  for (const child of running) child.kill();
});

/**
 * The process around a handler as the operating system sees it: its start, its end, the signals to
 * it.
 */
export class AppChild {
  /** Messages go to it and come from it. */
  readonly port: Port;
  /** Does it wait to be sent its configuration? */
  readonly waits: boolean;
  /** Resolves with how it ended, as in `exited with code 3` or `was killed by SIGKILL`. */
  readonly exit: Promise<string>;
  /** Resolves when its last message has come: that may be after its end. */
  readonly disconnected: Promise<void>;
  readonly #child: ChildProcess;

  /** Starts it. */
  constructor(config: AppConfig) {
    const { child, way, waits } = spawnApp(config);
    this.#child = child;
    this.port = way ?? nobody;
    this.waits = waits;
    this.disconnected = way?.disconnected ?? Promise.resolve();
    this.exit = this.#watch();
  }

  /** 0 where it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Passes a signal on to the process, if it still runs. */
  signal(name: NodeJS.Signals): void {
    // Not child.kill(): Deno takes any signal sent with it for the child's end.
    const { pid, exitCode } = this.#child;
    if (pid !== undefined && exitCode === null) sendSignal(pid, name);
  }

  /** Ends it at once, with what it has started and left in its process group. */
  kill(): void {
    const { pid } = this.#child;
    if (pid !== undefined) sendSignal(-pid, "SIGKILL");
  }

  async #watch(): Promise<string> {
    const child = this.#child;
    running.add(this);
    const reason = await new Promise<string>((resolve) => {
      child.on("error", (error) => {
        if (child.pid === undefined) resolve(`could not be started: ${error.message}`);
        else log.warn("trouble with the handler's process: {error}", { error: error.message });
      });
      child.once("exit", (code, signal) => {
        resolve(signal === null ? exitedWith(code) : `was killed by ${signal}`);
      });
    });
    running.delete(this);
    this.kill();
    return reason;
  }
}

/** Sends a signal to a process, or to the group of a negative one, that may be gone by now. */
function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: it is gone already.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
