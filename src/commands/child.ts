import { spawn } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { logHasRoom } from "../log.ts";
import type { Invocation } from "../runtime/runtime.ts";
import { endGroup, signalGroup } from "./group.ts";
import { LineSplitter } from "./lines.ts";

/** Where a line was written. */
export type StreamName = "stdout" | "stderr";

/** How a process ended: one of the two is not `null`. */
export interface Exit {
  code: number | null;
  signal: string | null;
}

/** A process, the leader of a process group of its own. */
export interface Child {
  /**
   * Resolves when the process has exited; what it started may still run. Rejects with the system's
   * error when it could not be started.
   */
  readonly exited: Promise<Exit>;
  /**
   * Ends the whole group (SIGTERM, SIGKILL after `killAfter` milliseconds) and takes what it wrote
   * to the last.
   */
  end(killAfter: number): Promise<void>;
  /**
   * Takes what was written before the exit, and leaves what still runs to itself. Its output goes
   * on being taken (closed pipes would kill it), but no longer keeps Hurricane's process alive.
   */
  release(): Promise<void>;
}

/** How much output is taken at a time, in bytes. Each line is some hundred bytes longer in the log. */
const bitSize = 8 * 1024;

/** Between two chunks of output, in milliseconds. */
const readPause = 1;

/** How long output is waited for when the process has exited and its pipes stay open, in ms. */
const drainPause = 200;
/** How often that is done as long as more comes. Somebody else may write without an end. */
const drainRounds = 10;

/**
 * Starts a process in the working directory, with no input.
 *
 * @throws {Error} The runtime refuses the arguments. Bun also throws some of the system's errors.
 */
export function startChild(
  { file, args, env }: Invocation,
  onLine: (line: string, stream: StreamName) => void,
): Child {
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // setsid(2): a new group, so that all of it can be signalled, and no signals from a terminal.
    detached: true,
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });

  // An exit without waiting for the command, as after a second SIGINT, must not leave it behind.
  const kill = () => child.pid !== undefined && signalGroup(child.pid, "SIGKILL");
  process.once("exit", kill);
  child.once("error", () => process.off("exit", kill));

  let received = 0;
  let taken = Promise.resolve();
  const splitters = (["stdout", "stderr"] as const).map((stream) => {
    const splitter = new LineSplitter((line) => onLine(line, stream));
    child[stream].on("data", (chunk: Uint8Array) => {
      received += chunk.length;
      // However much it writes, probes and signals get their turn, and what comes meanwhile is one
      // chunk.
      child[stream].pause();
      taken = taken.then(() => take(chunk, splitter));
      taken.then(() => setTimeout(() => child[stream].resume(), readPause));
    });
    child[stream].once("end", () => taken = taken.then(() => splitter.flush()));
    return splitter;
  });

  async function drain(rounds: number): Promise<void> {
    for (let round = 0, before = -1; round < rounds && before !== received; round++) {
      before = received;
      await taken;
      // The turn after it reads what came while the event loop was held up.
      const pause = sleep(drainPause, undefined, { ref: false }).then(() => turn());
      if (await Promise.race([closed.then(() => true), pause.then(() => false)])) break;
    }
    await taken;
    for (const splitter of splitters) splitter.flush();
  }

  return {
    exited,

    async end(killAfter: number): Promise<void> {
      if (child.pid !== undefined) await endGroup(child.pid, killAfter);
      process.off("exit", kill);
      await drain(drainRounds);
      child.stdout.destroy();
      child.stderr.destroy();
    },

    async release(): Promise<void> {
      process.off("exit", kill);
      await drain(1);
      child.unref();
      unref(child.stdout);
      unref(child.stderr);
    },
  };
}

/** Bit by bit, each once the log has room: a command that writes faster than the log is read waits. */
async function take(chunk: Uint8Array, splitter: LineSplitter): Promise<void> {
  for (let at = 0; at < chunk.length; at += bitSize) {
    splitter.push(chunk.subarray(at, at + bitSize));
    await logHasRoom();
  }
}

/** Node's types know nothing of it, but a child's pipes have it, on both runtimes. */
function unref(stream: Readable): void {
  (stream as Readable & { unref(): void }).unref();
}
