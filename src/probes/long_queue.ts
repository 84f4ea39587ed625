/**
 * What a request queue is made of that is longer than its limit: requests that want more of the processor
 * than there is, or such as merely await something (a database, another service). What to do about it is
 * different, and the queue's length tells nothing of it.
 *
 * @module
 */
import { logger } from "../log.ts";
import { wantedCpuSeconds } from "../metrics/process.ts";

const log = logger("probes");

/** For how long a queue is looked at before it is judged, in milliseconds. */
const window = 1000;

/** The parts of a CPU, for each process, at and above which they are busy, and up to which they are not. */
const [busy, idle] = [0.6, 0.25];

/** An event loop that comes no later than this to its heartbeat has time for a request, in seconds. */
const freeLoopDelay = 0.02;

/** What is looked at of a worker. */
export interface LoadedWorker {
  readonly pid: number;
  readonly silence: number;
  readonly snapshot: { loopDelay: number };
}

/** A queue that is too long. */
export interface LongReading {
  length: number;
  limit: number;
  kernel: number | undefined;
}

/** Tells the log what a queue that is too long is made of: once of each kind. */
export class LongQueue {
  readonly #cpu: (pid: number) => number | undefined;
  readonly #now: () => number;
  #began: { at: number; cpu: number; pids: string } | undefined;
  #told = { busy: false, idle: false };

  /**
   * @param cpu for how long a process has wanted a CPU so far, in seconds
   * @param now a clock in milliseconds, whatever it counts from
   */
  constructor(cpu = wantedCpuSeconds, now: () => number = () => performance.now()) {
    this.#cpu = cpu;
    this.#now = now;
  }

  /** It is not too long. */
  over(): void {
    this.#began = undefined;
  }

  /** It is too long, as a probe has just found. */
  seen(queue: LongReading, workers: readonly LoadedWorker[]): void {
    if (this.#told.busy && this.#told.idle) return;
    const at = this.#now();
    const pids = workers.map(({ pid }) => pid).join();
    const used = workers.map(({ pid }) => this.#cpu(pid));
    // Another system than Linux: nothing can be said.
    if (!used.every((seconds) => seconds !== undefined)) return;
    const cpu = used.reduce((sum, seconds) => sum + seconds, 0);
    const began = this.#began;
    if (began?.pids === pids && at - began.at < window) return;
    this.#began = { at, cpu, pids };
    if (began?.pids !== pids) return;
    const share = 1000 * (cpu - began.cpu) / (at - began.at) / workers.length;
    if (share >= busy) this.#tellBusy(queue, share);
    else if (share <= idle) this.#tellIdle(queue, workers);
  }

  #tellBusy({ length, limit }: LongReading, share: number): void {
    if (this.#told.busy) return;
    this.#told.busy = true;
    log.warn(
      "request queue length {length} exceeds --req-queue-len {limit}, and the handler is busy " +
        "(each of its processes wants {percent} % of a CPU): more is asked of it than it can do; more " +
        "pods or --workers help, and --max-wait refuses what would be late",
      { length, limit, percent: Math.min(100, Math.round(share * 100)) },
    );
  }

  /** A limit that these pass alone takes pods away which could do more. */
  #tellIdle({ length, limit, kernel }: LongReading, workers: readonly LoadedWorker[]): void {
    const delay = Math.max(...workers.map(({ snapshot }) => snapshot.loopDelay));
    const isFree = delay <= freeLoopDelay && workers.every(({ silence }) => silence === 0);
    if (this.#told.idle || !isFree || (kernel ?? 0) > 0) return;
    this.#told.idle = true;
    log.warn(
      "request queue length {length} exceeds --req-queue-len {limit}, but the event loop is free " +
        "(it was late by {delayMs} ms) and nothing waits in the kernel: these requests only await " +
        "something; if that is usual, raise --req-queue-len to twice what one pod has in flight at " +
        "its peak",
      { length, limit, delayMs: Math.round(delay * 1000) },
    );
  }
}
