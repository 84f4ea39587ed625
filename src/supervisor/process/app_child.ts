import process from "node:process";
import type { Port } from "../../app/channel.ts";
import type { AppConfig } from "../../app/options.ts";
import type { StartedProcess } from "../../runtime/runtime.ts";
import { sendSignal, spawnApp } from "./app_spawn.ts";

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
  readonly #child: StartedProcess;
  #hasEnded = false;

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
    const { pid } = this.#child;
    if (pid !== undefined && !this.#hasEnded) sendSignal(pid, name);
  }

  /** Ends it at once, with what it has started and left in its process group. */
  kill(): void {
    const { pid } = this.#child;
    if (pid !== undefined) sendSignal(-pid, "SIGKILL");
  }

  async #watch(): Promise<string> {
    running.add(this);
    const end = await this.#child.ended;
    this.#hasEnded = true;
    running.delete(this);
    this.kill();
    if ("error" in end) return `could not be started: ${end.error.message}`;
    return end.signal === null ? exitedWith(end.code) : `was killed by ${end.signal}`;
  }
}
