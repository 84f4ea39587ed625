import process from "node:process";
import { counted } from "../../counted.ts";
import { logger } from "../../log.ts";
import { residentBytes } from "../../metrics/process.ts";
import type { MaxMemory } from "../../options/values.ts";
import { renewalInterval } from "../../timeline.ts";
import { unreadStream } from "./unread_stream.ts";
import type { CondemnReason, RestartReason } from "./life.ts";
import { reportFailedStart } from "./report.ts";
import type { Place } from "./place.ts";
import type { Worker } from "./worker.ts";

const log = logger("supervisor");

/** How long after a replacement that failed, or that was of no use, another is tried, in milliseconds. */
const pause = 30_000;

/** How long code that has been edited since may stand still, in milliseconds. */
const oldCodeStall = 1000;

/** By how much a lifetime may differ, so that workers of one age do not go together. */
const jitter = 0.1;

/** When a worker is to be replaced. Absent: never. */
export interface RenewalOptions {
  /** In milliseconds; may be infinite. */
  stallTimeout: number;
  /** Is this development? Then nobody waits for old code that stands still. */
  autoreload: boolean;
  /** In requests. */
  maxLifetime?: number;
  /** In bytes, or `auto`: when it has outgrown its share. */
  maxMemory: MaxMemory;
}

/** Tells of a worker that has outgrown its share of the memory, what the log says then. */
export type Outgrown = (worker: Worker) => string | undefined;

/** The part of the pool that renews workers. */
export interface RenewedPool {
  readonly places: readonly Place[];
  readonly retiring: readonly Worker[];
  replace(place: Place, reason: RestartReason): Promise<void>;
  condemn(worker: Worker, why: CondemnReason, detail: string): void;
}

/** Replaces workers that have served for long enough, or have grown too large, or stand still. */
export class Renewal {
  readonly #pool: RenewedPool;
  readonly #options: RenewalOptions;
  readonly #outgrown: Outgrown;
  readonly #lifetimes = new WeakMap<Worker, number>();
  readonly #notBefore = {
    replaced: new WeakMap<Place, number>(),
    grown: new WeakMap<Place, number>(),
  };
  readonly #busy = new Set<Place>();

  constructor(pool: RenewedPool, options: RenewalOptions, outgrown: Outgrown = () => undefined) {
    this.#pool = pool;
    this.#options = options;
    this.#outgrown = outgrown;
    if (typeof options.maxMemory === "number" && residentBytes(process.pid) === undefined) {
      log.warn("--max-memory has no effect: this system does not tell how large a process is");
    }
  }

  /** Looks at all of them. */
  look(): void {
    const { stallTimeout, autoreload } = this.#options;
    const limit = autoreload ? Math.min(stallTimeout, oldCodeStall) : stallTimeout;
    for (const worker of this.#pool.retiring) {
      if (worker.silence > limit && stallTimeout < Infinity) void this.#endStalled(worker, limit);
    }
    for (const place of this.#pool.places) {
      const worker = place.serving?.worker;
      if (worker === undefined) continue;
      if (worker.silence > this.#options.stallTimeout) void this.#endStalled(worker, stallTimeout);
      else if (!this.#busy.has(place) && isOver(this.#notBefore.replaced, place)) {
        const due = this.#due(worker, isOver(this.#notBefore.grown, place));
        if (due !== undefined) void this.#renew(place, worker, due);
      }
    }
  }

  /** Ends a worker whose event loop stands still, unless it answers after all. */
  async #endStalled(worker: Worker, limit: number): Promise<void> {
    await worker.refresh(renewalInterval);
    if (worker.silence <= limit) return;
    const seconds = (worker.silence / 1000).toFixed(1);
    const most = `${limit / 1000}s${
      limit === this.#options.stallTimeout ? " (--stall-timeout)" : ""
    }`;
    const unread = unreadStream(worker.pid);
    const why = unread === undefined
      ? ""
      : `: it is blocked writing to ${unread}, which nobody reads`;
    const reason =
      `is killed: its event loop has stood still for ${seconds}s, longer than ${most}${why}`;
    this.#pool.condemn(worker, "stall", reason);
  }

  /** Why a worker is to be replaced now, if it is. */
  #due(worker: Worker, mayHaveGrown: boolean): Due | undefined {
    const { maxLifetime } = this.#options;
    const { answered } = worker.snapshot;
    if (maxLifetime !== undefined && answered >= this.#lifetimeOf(worker, maxLifetime)) {
      return {
        reason: "lifetime",
        text: `has answered ${counted(answered, "request")} (--max-lifetime)`,
      };
    }
    const text = mayHaveGrown ? this.#whyTooLarge(worker) : undefined;
    return text === undefined ? undefined : { reason: "memory", text };
  }

  #whyTooLarge(worker: Worker): string | undefined {
    const { maxMemory } = this.#options;
    if (maxMemory === "none") return undefined;
    if (maxMemory === "auto") return this.#outgrown(worker);
    const resident = residentBytes(worker.pid);
    if (resident === undefined || resident <= maxMemory) return undefined;
    const [has, limit] = [resident, maxMemory].map((bytes) => `${Math.round(bytes / 2 ** 20)}mb`);
    const after = counted(worker.snapshot.answered, "request");
    return `has ${has} of resident memory after ${after}, ${limit} is the limit`;
  }

  #lifetimeOf(worker: Worker, maxLifetime: number): number {
    let lifetime = this.#lifetimes.get(worker);
    if (lifetime === undefined) {
      lifetime = Math.max(1, Math.round(maxLifetime * (1 + jitter * (2 * Math.random() - 1))));
      this.#lifetimes.set(worker, lifetime);
    }
    return lifetime;
  }

  async #renew(place: Place, { pid }: Worker, { reason, text }: Due): Promise<void> {
    this.#busy.add(place);
    const level = reason === "memory" ? "warn" : "info";
    log[level]("the handler's process {reason}: it is replaced", { reason: text, pid });
    try {
      await this.#pool.replace(place, reason);
      // A handler that needs more than the limit from the start would be replaced without end.
      if (reason === "memory") this.#notBefore.grown.set(place, performance.now() + pause);
    } catch (error) {
      reportFailedStart("the handler's process cannot be replaced", error);
      this.#notBefore.replaced.set(place, performance.now() + pause);
    } finally {
      this.#busy.delete(place);
    }
  }
}

function isOver(pauses: WeakMap<Place, number>, place: Place): boolean {
  return performance.now() >= (pauses.get(place) ?? 0);
}

interface Due {
  reason: RestartReason;
  /** Completes the sentence "the handler's process …". */
  text: string;
}
