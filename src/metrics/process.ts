/**
 * The usual `process_*` metrics, summed over the processes of one Hurricane.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** What {@linkcode ProcessMetrics} has read. What the system does not tell is absent. */
export interface ProcessReading {
  /** CPU time in user mode, in seconds, of all processes there ever were. Never goes down. */
  cpuUserSeconds: number;
  /** CPU time in the kernel, in seconds, of all processes there ever were. Never goes down. */
  cpuSystemSeconds: number;
  /** Resident memory in bytes. Pages that processes share are counted in each. */
  residentBytes: number;
  /** Virtual memory in bytes. */
  virtualBytes?: number;
  /** When the first process started, in seconds since 1970. */
  startTimeSeconds?: number;
  /** Open file descriptors. */
  openFds?: number;
  /** The smallest soft limit of open file descriptors among the processes. */
  maxFds?: number;
}

/** From `/proc/<pid>/stat`, in the kernel's units. */
interface Stat {
  userTicks: number;
  systemTicks: number;
  /** Since the machine started. With the pid it names one process. */
  startTicks: number;
}

/**
 * `USER_HZ`, the unit of times in `/proc`: 100 on every architecture that Bun and Deno run on.
 * To ask for it (`sysconf(_SC_CLK_TCK)`) takes a native call.
 */
const ticksPerSecond = 100;

/**
 * Reads `/proc` for several processes at once; on a system that has none, what the runtime tells
 * of its own process.
 *
 * One instance serves a Hurricane's whole life: it remembers the CPU time of processes that are
 * gone, so that the counters do not go down when a worker is replaced. What a process used between
 * the last reading and its end is not known and not counted.
 *
 * @example
 * ```ts
 * import process from "node:process";
 * import { ProcessMetrics } from "./process.ts";
 *
 * const processes = new ProcessMetrics();
 * console.assert(processes.read([process.pid]).residentBytes > 0);
 * ```
 */
export class ProcessMetrics {
  readonly #root: string;
  readonly #bootTime: number | undefined;
  readonly #ownStartTime = Date.now() / 1000 - process.uptime();
  readonly #gone = { userTicks: 0, systemTicks: 0 };
  #running = new Map<number, Stat>();
  #startTime: number | undefined;

  /** @param root where the proc file system is mounted */
  constructor(root = "/proc") {
    this.#root = root;
    const bootTime = this.#readFile("stat")?.match(/^btime (\d+)$/m)?.[1];
    this.#bootTime = bootTime === undefined ? undefined : Number(bootTime);
  }

  /**
   * A reading over the given processes, without those that have vanished meanwhile.
   *
   * @param pids the supervisor's first, then that of each app process for as long as it runs
   * @throws where `/proc` is there but cannot be read
   */
  read(pids: number[]): ProcessReading {
    if (this.#bootTime === undefined) return this.#readOwn();
    const running = new Map<number, Stat>();
    for (const pid of pids) {
      const stat = this.#readStat(pid);
      if (stat !== undefined) running.set(pid, stat);
    }
    const first = running.get(pids[0] ?? NaN);
    if (first !== undefined) this.#startTime = this.#bootTime + first.startTicks / ticksPerSecond;
    const cpu = this.#addUp(running);
    const alive = [...running.keys()];
    const memory = alive.map((pid) => this.#readFile(`${pid}/status`) ?? "");
    const maxFds = Math.min(...alive.map((pid) => this.#readMaxFds(pid)));
    return {
      cpuUserSeconds: cpu.userTicks / ticksPerSecond,
      cpuSystemSeconds: cpu.systemTicks / ticksPerSecond,
      residentBytes: sum(memory.map((status) => kilobytes(status, "VmRSS"))),
      virtualBytes: sum(memory.map((status) => kilobytes(status, "VmSize"))),
      startTimeSeconds: this.#startTime,
      openFds: this.#readOpenFds(alive),
      maxFds: Number.isFinite(maxFds) ? maxFds : undefined,
    };
  }

  /** The CPU time of what runs and of what is gone since it was first seen. */
  #addUp(running: Map<number, Stat>): { userTicks: number; systemTicks: number } {
    for (const [pid, last] of this.#running) {
      // A pid with another start time is another process.
      if (running.get(pid)?.startTicks === last.startTicks) continue;
      this.#gone.userTicks += last.userTicks;
      this.#gone.systemTicks += last.systemTicks;
    }
    this.#running = running;
    const all = [this.#gone, ...running.values()];
    return {
      userTicks: sum(all.map((stat) => stat.userTicks)),
      systemTicks: sum(all.map((stat) => stat.systemTicks)),
    };
  }

  #readStat(pid: number): Stat | undefined {
    const text = this.#readFile(`${pid}/stat`);
    return text === undefined ? undefined : statOf(text);
  }

  /** Infinity where there is no limit. */
  #readMaxFds(pid: number): number {
    const limit = this.#readFile(`${pid}/limits`)?.match(/^Max open files +(\d+)/m)?.[1];
    return limit === undefined ? Infinity : Number(limit);
  }

  /**
   * Absent where one of the processes does not let itself be looked into (a binary with file
   * capabilities is not "dumpable"): a part of the sum would look like the whole.
   */
  #readOpenFds(pids: number[]): number | undefined {
    let open = 0;
    for (const pid of pids) {
      try {
        open += readdirSync(`${this.#root}/${pid}/fd`).length;
        // The descriptor that lists the directory is one of them, and closed by now.
        if (pid === process.pid) open--;
      } catch (error) {
        if (hasCode(error, "EACCES", "EPERM")) return undefined;
        if (!hasCode(error, "ENOENT", "ESRCH")) throw error;
      }
    }
    return open;
  }

  #readFile(path: string): string | undefined {
    try {
      return readFileSync(`${this.#root}/${path}`, "utf8");
    } catch (error) {
      // ESRCH: the process ended between opening and reading.
      if (hasCode(error, "ENOENT", "ESRCH")) return undefined;
      throw error;
    }
  }

  #readOwn(): ProcessReading {
    const cpu = process.cpuUsage();
    return {
      cpuUserSeconds: cpu.user / 1e6,
      cpuSystemSeconds: cpu.system / 1e6,
      residentBytes: process.memoryUsage().rss,
      startTimeSeconds: this.#ownStartTime,
    };
  }
}

/** Of the text of `/proc/<pid>/stat`. */
function statOf(text: string): Stat | undefined {
  // The second field is the command in parentheses, which may hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const [userTicks, systemTicks, startTicks] = [fields[11], fields[12], fields[19]];
  if (userTicks === undefined || systemTicks === undefined || startTicks === undefined) {
    return undefined;
  }
  return { userTicks, systemTicks, startTicks };
}

/** The resident memory of a process in bytes; `undefined` where that cannot be read now. */
export function residentBytes(pid: number): number | undefined {
  try {
    return kilobytes(readFileSync(`/proc/${pid}/status`, "utf8"), "VmRSS");
  } catch {
    // There is no such process, or no /proc, or no descriptor left to read it with.
    return undefined;
  }
}

/**
 * For how long the main thread of a process has wanted a CPU so far, whether or not it got one, in seconds:
 * on a busy node the difference is large. Where the kernel does not tell, the CPU time of the process;
 * `undefined` where neither can be read now.
 *
 * https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
 */
export function wantedCpuSeconds(pid: number): number | undefined {
  try {
    const [ran = NaN, waited = NaN] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")
      .map(Number);
    // Zeros where the kernel keeps no such statistics.
    if (ran > 0) return (ran + waited) / 1e9;
  } catch {
    // There is no such file, or no such process.
  }
  try {
    const stat = statOf(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return stat && (stat.userTicks + stat.systemTicks) / ticksPerSecond;
  } catch {
    // There is no such process, or no /proc, or no descriptor left to read it with.
    return undefined;
  }
}

/**
 * What a process has in memory that the kernel cannot take back, in bytes: not the pages of files, such as
 * those of the runtime itself, which all its processes share. `undefined` where that cannot be read now.
 *
 * To share them out (`Pss` of `smaps_rollup`) takes the kernel a hundred times as long.
 */
export function heldBytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const held = kilobytes(status, "RssAnon") + kilobytes(status, "RssShmem");
    // A kernel that does not tell them apart.
    return held > 0 ? held : kilobytes(status, "VmRSS");
  } catch {
    // As above.
    return undefined;
  }
}

/** From `/proc/<pid>/status`; its `kB` are 1024 bytes. A zombie has no such line. */
function kilobytes(status: string, name: string): number {
  return Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m"))?.[1] ?? 0) * 1024;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? "");
}
