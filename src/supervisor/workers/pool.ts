import { setTimeout as sleep } from "node:timers/promises";
import type { StopOutcome } from "../../app/app.ts";
import { messageOf } from "../../errors.ts";
import { logger } from "../../log.ts";
import { diedEarly, reportOutcomes, traceOf } from "../failures.ts";
import { PortGroup } from "./port_group.ts";
import { Restarts } from "./restarts.ts";
import { type Worker, WorkerError, type WorkerExit } from "./worker.ts";

const log = logger("supervisor");

/** Why a worker is started in the place of another. */
export const restartReasons = ["crash", "stall", "lifetime", "memory", "signal", "edit"] as const;

/** Why a worker is started in the place of another. */
export type RestartReason = typeof restartReasons[number];

/** What decides how workers live. Times are in milliseconds. */
export interface PoolOptions {
  workers: number;
  port: number;
  /** Do all listen on one port? If not, each listens on `port`, which is 0 where there are several. */
  reusePort: boolean;
  maxRestarts: number;
  shutdownTimeout: number;
  /** How long a worker that is to replace another may take until it listens; may be infinite. */
  startTimeout: number;
}

/** Whose workers they are. */
export interface PoolOwner {
  /** Aborted once the service is told to stop: from then on nothing is started. */
  readonly signal: AbortSignal;
  /** Makes a worker that has yet to load its handler. */
  launch(): Worker;
  /** A worker listens. The next one is not let listen before this resolves. */
  listening(worker: Worker): Promise<void>;
  /** A worker takes requests. */
  up(worker: Worker): void;
  /** No worker is left. */
  allDown(): Promise<void>;
  /** Resolves when a worker that gets no new connections has no more use. */
  leave(worker: Worker): Promise<unknown>;
  /** A worker has ended, however that came. */
  gone(worker: Worker): void;
  /** A worker that crashed is about to be started again. */
  restarting(reason: string): void;
  /** A worker took the place of another. */
  restarted(reason: RestartReason): void;
  /** A worker crashed once too often. */
  gaveUp(reason: string, trace: string): Promise<void>;
}

/** Something else is started in the place of a worker that was being started. */
class Superseded extends Error {
  override name = "Superseded";
}

/** A place for a worker, which is to be filled at all times. */
export class Slot {
  worker: Worker | undefined;
  /** The start of a worker that is under way, and what ends it. */
  filling: { done: Promise<void>; abort(reason: Error): void } | undefined;
  /** Since when nobody is in it, by `performance.now()`; `undefined` while somebody is. */
  emptySince: number | undefined;
}

/** The workers: as many as there are to be, started again when they crash, replaced when asked. */
export class WorkerPool {
  readonly slots: readonly Slot[];
  /** How the last start before the service served ended too early. */
  died: WorkerExit | undefined;
  /** All sockets that share the port. */
  readonly group = new PortGroup();
  /** Did a worker crash while the service was told to stop? */
  crashed = false;

  readonly #options: PoolOptions;
  readonly #owner: PoolOwner;
  readonly #told: Promise<void>;
  #restarts: Restarts;
  readonly #alive = new Set<Worker>();
  /** Why a worker that is about to be killed is. */
  readonly #condemned = new WeakMap<Worker, string>();
  #port: number;
  #listenTurn: Promise<unknown> = Promise.resolve();
  #replaceTurn: Promise<unknown> = Promise.resolve();
  #started = false;
  /** Aborted once it has given up: from then on nothing is started. */
  #ended = new AbortController();

  constructor(options: PoolOptions, owner: PoolOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#port = options.port;
    this.#restarts = new Restarts(options.maxRestarts);
    this.slots = Array.from({ length: options.workers }, () => new Slot());
    this.#told = new Promise((resolve) => {
      owner.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** Those that new requests go to. */
  get serving(): Worker[] {
    return this.slots.flatMap(({ worker }) => worker ?? []);
  }

  /** Those that only finish what they have. */
  get retiring(): Worker[] {
    const serving = new Set(this.serving);
    return [...this.#alive].filter((worker) => !serving.has(worker));
  }

  /** The port, once a worker listens. */
  get port(): number {
    return this.#port;
  }

  /** For how long a place has been empty, in milliseconds; 0 where none is. */
  get downFor(): number {
    const now = performance.now();
    return Math.max(...this.slots.map(({ emptySince }) => now - (emptySince ?? now)));
  }

  /**
   * Starts all of them, also after it gave up. Rejects where one does not start; then none is left.
   *
   * @param abandoned ends the attempt
   */
  async start(abandoned?: AbortSignal): Promise<void> {
    this.died = undefined;
    // Whatever is being started again as it was is out of date.
    this.#ended.abort(new Superseded("another start has taken its place"));
    this.#ended = new AbortController();
    this.#restarts = new Restarts(this.#options.maxRestarts);
    const attempt = new AbortController();
    const signals = [this.#owner.signal, attempt.signal, ...(abandoned ? [abandoned] : [])];
    const signal = AbortSignal.any(signals);
    const starts = this.slots.map((slot) => this.#fill(slot, signal));
    try {
      await Promise.all(starts);
      if (this.died !== undefined) throw diedEarly(this.died);
      this.#started = true;
    } catch (error) {
      attempt.abort();
      await Promise.allSettled(starts);
      await this.kill();
      throw error;
    }
  }

  /**
   * Starts another worker in each place, one after the other, then ends the one that was there. Rejects
   * as a start does; then what was there stays.
   *
   * @param signal ends the start of another worker
   */
  replaceAll(reason: RestartReason, signal: AbortSignal = this.#owner.signal): Promise<void> {
    return this.#inReplaceTurn(async () => {
      for (const slot of this.slots) {
        signal.throwIfAborted();
        await this.#replace(slot, reason, signal);
      }
    });
  }

  /** Starts another worker in this place, then ends the one that was there. Rejects as a start does. */
  replace(slot: Slot, reason: RestartReason): Promise<void> {
    const { worker } = slot;
    return this.#inReplaceTurn(async () => {
      // Another replacement may have come first.
      if (slot.worker === worker) await this.#replace(slot, reason, this.#owner.signal);
    });
  }

  /** Ends a worker at once, for a reason that the log is to give; another follows. */
  condemn(worker: Worker, reason: string): void {
    if (this.#condemned.has(worker)) return;
    this.#condemned.set(worker, reason);
    worker.kill();
  }

  /** Each response asks its client to open another connection from now on. */
  drain(): void {
    for (const worker of this.#alive) worker.drain();
  }

  /** Lets all of them finish what they have and end. */
  stop(timeout: number): Promise<StopOutcome[]> {
    return Promise.all([...this.#alive].map((worker) => worker.stop(timeout)));
  }

  /** Ends all of them at once. */
  async kill(): Promise<void> {
    for (const worker of this.#alive) worker.kill();
    await this.ended();
  }

  /** Passes a signal on to all of them. */
  signal(name: NodeJS.Signals): void {
    for (const worker of this.#alive) worker.signal(name);
  }

  /** Resolves when none is left. */
  async ended(): Promise<void> {
    await Promise.all([...this.#alive].map((worker) => worker.exit));
  }

  get #closing(): boolean {
    return this.#owner.signal.aborted || this.#ended.signal.aborted;
  }

  #inReplaceTurn(action: () => Promise<void>): Promise<void> {
    const turn = this.#replaceTurn.then(action);
    this.#replaceTurn = turn.catch(() => {});
    return turn;
  }

  /** Starts a worker in a place, instead of whatever is being started there. */
  async #fill(slot: Slot, signal: AbortSignal): Promise<void> {
    while (slot.filling !== undefined) {
      slot.filling.abort(new Superseded("another start has taken its place"));
      await slot.filling.done.catch(() => {});
    }
    const attempt = new AbortController();
    const signals = AbortSignal.any([signal, attempt.signal, this.#ended.signal]);
    const done = this.#start(slot, signals).finally(() => slot.filling = undefined);
    slot.filling = { done, abort: (reason) => attempt.abort(reason) };
    await done;
  }

  async #start(slot: Slot, signal: AbortSignal): Promise<void> {
    const orWhy = (error: unknown): never => {
      // Of what was ended, why it was says more than that it was.
      throw signal.aborted && signal.reason instanceof Error ? signal.reason : error;
    };
    const worker = await this.#open(signal).catch(orWhy);
    if (signal.aborted) {
      // Told to stop in the meantime: nobody else knows of this worker yet.
      if (this.#options.reusePort) this.group.closing(worker);
      await worker.stop(this.#options.shutdownTimeout);
      await worker.exit;
      this.group.remove(worker);
      signal.throwIfAborted();
    }
    slot.worker = worker;
    slot.emptySince = undefined;
    this.#alive.add(worker);
    this.#owner.up(worker);
    // Where another one retires, this one must be let have connections, too.
    if (this.#started) void this.group.steer(() => this.serving);
    this.#watch(slot, worker).catch((error: unknown) =>
      this.#giveUp(messageOf(error), traceOf(error))
    );
  }

  /** A worker that listens. `signal` kills it, up to that moment. */
  async #open(signal: AbortSignal): Promise<Worker> {
    signal.throwIfAborted();
    const worker = this.#owner.launch();
    const abort = (): void => worker.kill();
    signal.addEventListener("abort", abort, { once: true });
    try {
      await worker.loaded;
      // One after the other: the first one picks the port, and the kernel keeps them in this order.
      const turn = this.#listenTurn.then(() => this.#listen(worker));
      this.#listenTurn = turn.catch(() => {});
      await turn;
      return worker;
    } catch (error) {
      worker.kill();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async #listen(worker: Worker): Promise<void> {
    const { reusePort, port } = this.#options;
    await worker.listen(reusePort ? this.#port : port);
    this.#port = worker.address.port;
    if (reusePort) this.group.add(worker);
    await this.#owner.listening(worker);
  }

  /** Sees to it that a worker that ends by itself is followed by another. */
  async #watch(slot: Slot, worker: Worker): Promise<void> {
    const exit = await worker.exit;
    this.#alive.delete(worker);
    const retired = slot.worker !== worker;
    if (!retired) {
      slot.worker = undefined;
      slot.emptySince = performance.now();
    }
    this.group.remove(worker);
    this.#owner.gone(worker);
    const { serving } = this;
    if (!this.#closing) void this.group.steer(() => this.serving);
    if (exit.asked) return;
    const condemned = this.#condemned.get(worker);
    const reason = condemned ?? exit.reason;
    log.error("the handler's process {reason}", { reason, pid: worker.pid });
    if (retired) return;
    if (!this.#started) this.died = exit;
    if (serving.length === 0) await this.#owner.allDown();
    if (this.#closing) this.crashed = true;
    else if (this.#started) {
      // Another one may be about to take its place anyway.
      await slot.filling?.done.catch(() => {});
      if (slot.worker === undefined) {
        await this.#restart(slot, { ...exit, reason }, condemned === undefined ? "crash" : "stall");
      }
    }
  }

  async #restart(slot: Slot, exit: WorkerExit, why: RestartReason): Promise<void> {
    let { message: reason, trace } = diedEarly(exit);
    const signal = AbortSignal.any([this.#owner.signal, this.#ended.signal]);
    while (!signal.aborted) {
      const pause = this.#restarts.next();
      if (pause === undefined) return await this.#giveUp(reason, trace);
      this.#owner.restarting(reason);
      try {
        await sleep(pause, undefined, { signal });
        // What was asked for goes before what only is as it was.
        await slot.filling?.done.catch(() => {});
        if (slot.worker !== undefined) return;
        await this.#fill(slot, signal);
        this.#owner.restarted(why);
        log.info("the handler is up again");
        return;
      } catch (error) {
        if (signal.aborted || error instanceof Superseded) return;
        reason = messageOf(error);
        trace = traceOf(error);
        log.error("the handler cannot be started again: {error}", { error: reason });
      }
    }
  }

  async #giveUp(reason: string, trace: string): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    await this.#owner.gaveUp(reason, trace);
  }

  async #replace(slot: Slot, reason: RestartReason, signal: AbortSignal): Promise<void> {
    const old = slot.worker;
    if (this.#closing) return;
    if (old === undefined) {
      // One that has crashed is being started again, maybe from files that are out of date by now.
      slot.filling?.abort(new WorkerError("what it was started from is out of date"));
      return;
    }
    const { startTimeout } = this.#options;
    const late = new AbortController();
    const timer = Number.isFinite(startTimeout) && setTimeout(() => {
      late.abort(new WorkerError(`it has not begun to listen within ${startTimeout / 1000}s`));
    }, startTimeout);
    try {
      await this.#fill(slot, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      if (this.#closing) return;
      throw error;
    } finally {
      if (timer !== false) clearTimeout(timer);
    }
    this.#owner.restarted(reason);
    if (!this.#alive.has(old)) return;
    const retired = this.#retire(old);
    // What shares a port leaves it one after the other; what has its own may take its time.
    if (this.#options.reusePort) await retired;
  }

  async #retire(worker: Worker): Promise<void> {
    await this.group.steer(() => this.serving);
    worker.drain();
    await Promise.race([this.#owner.leave(worker), worker.exit, this.#told]);
    // One that has died meanwhile has been told of.
    if (!this.#alive.has(worker)) return;
    // Its clients, too, are served for as long as the service is to be: it ends with all others.
    if (this.#owner.signal.aborted) return;
    if (this.#options.reusePort) this.group.closing(worker);
    reportOutcomes([await worker.stop(this.#options.shutdownTimeout)]);
    // Only then is its place in the group known to be gone.
    await worker.exit;
  }
}
