import process from "node:process";
import { counted } from "../../counted.ts";
import { logger } from "../../log.ts";
import { heldBytes } from "../../metrics/process.ts";
import type { ServiceOptions } from "../../options/service_options.ts";
import type { CondemnReason } from "../workers/life.ts";
import type { Worker } from "../workers/worker.ts";
import type { MessagePump } from "../amqp/message_pump.ts";
import type { MemoryCgroup, MemoryLimit } from "./cgroup.ts";
import { heldByGroups } from "./groups.ts";
import {
  freeBefore,
  inMegabytes,
  killAt,
  longestPause,
  mostNeeded,
  pauseFor,
  stir,
  workerShare,
} from "./share.ts";

const log = logger("supervisor");

/** How often it is looked whether there is a limit by now, in milliseconds. */
const withoutLimit = 5000;

/** The part of the pool that is watched. */
export interface WatchedPool {
  readonly serving: readonly Worker[];
  readonly alive: readonly Worker[];
  condemn(worker: Worker, why: CondemnReason, detail: string): boolean;
}

/**
 * Keeps a service below the memory limit of its container. Above it the kernel kills, and with
 * `memory.oom.group`, which Kubernetes sets since 1.28, the supervisor and all workers at once.
 *
 * So the limit is shared out: whoever replaces workers asks {@linkcode outgrown}. One that grows faster
 * than that is killed just below the limit. The limit is read again at each look, since Kubernetes can
 * change it while a container runs.
 */
export class MemoryWatch {
  readonly #pool: WatchedPool;
  readonly #cgroup: MemoryCgroup;
  readonly #options: Pick<ServiceOptions, "workers" | "maxMemory">;
  readonly #pump: Pick<MessagePump, "pid"> | undefined;
  /** Those of which it is known what they had when they were first seen to serve. */
  readonly #measured = new WeakSet<Worker>();
  /** The least of that, in bytes: others may have been busy by then. */
  #start = Infinity;
  /** What was seen at the last close look, and when that was. */
  #last: MemoryLimit | undefined;
  #lookedAt = 0;
  /** How much was free then until somebody has to be killed. */
  #free = 0;
  /** What was in use at the last look, with what is cached of files. */
  #usage = 0;
  /** The limit that the log has spoken of. */
  #told: number | undefined;
  #serves = false;
  /** It is killed, and has not ended yet. */
  #dying: Worker | undefined;
  #helplessSaid = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    pool: WatchedPool,
    cgroup: MemoryCgroup,
    options: Pick<ServiceOptions, "workers" | "maxMemory">,
    pump?: Pick<MessagePump, "pid">,
  ) {
    this.#pool = pool;
    this.#cgroup = cgroup;
    this.#options = options;
    this.#pump = pump;
    this.#look();
  }

  /** All workers serve: now it is known what the limit leaves them, and said. */
  serving(): void {
    this.#serves = true;
    this.#measureStarts();
    this.#tell();
  }

  /** Looks no more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  /** Why a worker is to be replaced now, as the end of "the handler's process …", if it is. */
  outgrown(worker: Worker): string | undefined {
    const share = this.#share;
    const held = share === undefined ? undefined : heldBytes(worker.pid);
    if (share === undefined || held === undefined || held <= share) return undefined;
    const limit = inMegabytes(this.#last?.limit ?? 0);
    const after = counted(worker.snapshot.answered, "request");
    return `has ${
      inMegabytes(held)
    } of memory after ${after}, and its share of the limit of ${limit} is ` +
      inMegabytes(share);
  }

  get #share(): number | undefined {
    if (this.#last === undefined) return undefined;
    this.#measureStarts();
    return workerShare({
      limit: this.#last.limit,
      workers: this.#options.workers,
      own: (heldBytes(process.pid) ?? 0) + (heldBytes(this.#pump?.pid ?? 0) ?? 0),
      start: this.#start,
    });
  }

  #measureStarts(): void {
    for (const worker of this.#pool.serving) {
      if (this.#measured.has(worker)) continue;
      this.#measured.add(worker);
      this.#start = Math.min(this.#start, heldBytes(worker.pid) ?? Infinity);
    }
  }

  #look(): void {
    const usage = this.#cgroup.usage();
    const grows = usage > this.#usage + stir;
    if (grows || this.#isUnsure(usage)) this.#lookClosely();
    this.#usage = usage;
    const pause = this.#last === undefined ? withoutLimit : pauseFor(this.#free, grows);
    this.#timer = setTimeout(() => this.#look(), pause);
    this.#timer.unref();
  }

  /** Could anything have changed, although not more is in use? Files may have made room for a worker. */
  #isUnsure(usage: number): boolean {
    return this.#last === undefined || usage >= killAt(this.#last.limit) ||
      performance.now() - this.#lookedAt >= longestPause;
  }

  #lookClosely(): void {
    const before = this.#last;
    const elapsed = performance.now() - this.#lookedAt;
    const now = this.#last = this.#cgroup.read();
    this.#lookedAt += elapsed;
    if (now !== undefined) {
      const growth = (now.used - (before ?? now).used) / elapsed;
      this.#free = freeBefore(now.limit, now.used, growth);
      // To look for whom to kill is dear where there are many processes.
      if (this.#free <= 0 && !this.#makeRoom(now)) this.#free = Infinity;
      this.#tellKills(now.kills - (before ?? now).kills, now.limit);
    }
    if (this.#serves && now?.limit !== this.#told) this.#tell();
  }

  /** Kills the largest worker, unless one dies already. `false` where none has more than it may. */
  #makeRoom({ limit, used }: MemoryLimit): boolean {
    if (this.#dying !== undefined) return true;
    const held = heldByGroups();
    const size = (worker: Worker): number => held.get(worker.pid) ?? 0;
    const [largest] = [...this.#pool.alive].sort((a, b) => size(b) - size(a));
    const inUse = `${inMegabytes(used)} of the memory limit of ${inMegabytes(limit)} are in use`;
    if (largest === undefined || size(largest) <= (this.#share ?? 0)) {
      if (!this.#helplessSaid) {
        log.warn("{inUse}, though no process of the handler has more than its share", { inUse });
      }
      this.#helplessSaid = true;
      return false;
    }
    this.#dying = largest;
    largest.exit.then(() => this.#dying = undefined);
    const detail = `is killed: ${inUse}, and it has the most, ${inMegabytes(size(largest))}`;
    if (!this.#pool.condemn(largest, "memory", detail)) {
      log.error("the handler's process {reason}", { reason: detail, pid: largest.pid });
    }
    return true;
  }

  #tellKills(kills: number, limit: number): void {
    if (kills <= 0) return;
    log.error("the kernel has killed {what}: the memory limit of {limit} was reached", {
      what: kills === 1 ? "a process" : `${kills} processes`,
      limit: inMegabytes(limit),
    });
  }

  #tell(): void {
    const { workers, maxMemory } = this.#options;
    const changed = this.#told !== undefined;
    this.#told = this.#last?.limit;
    if (this.#last === undefined) {
      if (changed) log.info("memory is no longer limited");
      return;
    }
    const { limit, killsAll } = this.#last;
    const is = `the memory limit is ${changed ? "now " : ""}${inMegabytes(limit)}`;
    if (typeof maxMemory === "number") {
      const takes = this.#pump !== undefined;
      const needed = mostNeeded(workers, maxMemory, takes);
      if (needed <= limit) return;
      log.warn(
        "{is}, and {processes} processes of --max-memory (one more while one is replaced) and " +
          "{others} may take {needed}; above the limit the kernel kills {whom}",
        {
          is,
          processes: workers + 1,
          others: takes ? "the supervisor and what takes messages" : "the supervisor",
          needed: inMegabytes(needed),
          whom: killsAll ? "all of them" : "one of them",
        },
      );
      return;
    }
    const share = this.#share;
    if (share === undefined) {
      log.warn(
        "{is}, which leaves no room to replace a worker that has grown (one has {start} when it " +
          "starts): it is killed above {most} in all, and started again; give the container more memory{fewer}",
        {
          is,
          start: inMegabytes(this.#start),
          most: inMegabytes(killAt(limit)),
          fewer: workers > 1 ? ", or fewer --workers" : "",
        },
      );
      return;
    }
    log.info("{is}: a worker that has more than {share} is replaced", {
      is,
      share: inMegabytes(share),
    });
  }
}
