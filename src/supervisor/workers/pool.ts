import { setTimeout as sleep } from "node:timers/promises";
import type { StopOutcome } from "../../app/app.ts";
import { messageOf, traceOf } from "../../errors.ts";
import type { PoolEvent } from "./events.ts";
import { causeOfDeath, type CondemnReason, diedUnasked, type RestartReason } from "./life.ts";
import type { Member } from "./member.ts";
import { Place, Superseded } from "./place.ts";
import type { PoolFront } from "./pool_front.ts";
import { PortGroup } from "./port_group.ts";
import { Restarts } from "./restarts.ts";
import { type Listening, Starter } from "./starter.ts";
import { diedEarly, type Worker, WorkerError, type WorkerExit } from "./worker.ts";

/** What decides how workers live. Times are in milliseconds. */
export interface PoolOptions extends Listening {
  workers: number;
  maxRestarts: number;
  shutdownTimeout: number;
  /** How long a worker that is to replace another may take until it listens; may be infinite. */
  startTimeout: number;
}

/** Time, as a pool sees it. */
export interface Clock {
  /** In milliseconds. */
  now(): number;
  /** Resolves after so many milliseconds; rejects when the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const realTime: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/** From a start of all workers to the next one. */
interface Run {
  /** Aborted when it gives up, or when the next one takes its place: then nothing is started any more. */
  end: AbortController;
  restarts: Restarts;
  /** Have all started? Until then nobody who crashes is started again. */
  complete: boolean;
}

/** The workers: as many as there are to be, started again when they crash, replaced when asked. */
export class WorkerPool {
  readonly places: readonly Place[];
  /** All sockets that share the port. */
  readonly group: PortGroup;

  readonly #options: PoolOptions;
  readonly #front: PoolFront;
  readonly #starter: Starter;
  readonly #tell: (event: PoolEvent) => void;
  readonly #clock: Clock;
  /** Aborted once the service is told to stop: from then on nothing is started. */
  readonly #service: AbortSignal;
  readonly #serviceStops: Promise<void>;
  /** All that have not ended. */
  readonly #members = new Set<Member>();
  #run: Run;
  #replaceTurn: Promise<unknown> = Promise.resolve();

  /**
   * @param service aborted once the service is told to stop
   * @param tell is told of each event, at the moment at which it happens
   */
  constructor(
    options: PoolOptions,
    front: PoolFront,
    service: AbortSignal,
    tell: (event: PoolEvent) => void,
    clock: Clock = realTime,
  ) {
    this.#options = options;
    this.#front = front;
    this.#service = service;
    this.#serviceStops = new Promise((resolve) => {
      service.addEventListener("abort", () => resolve(), { once: true });
    });
    this.#tell = tell;
    this.#clock = clock;
    const now = (): number => clock.now();
    this.group = new PortGroup(now);
    this.#starter = new Starter(front, this.group, options, now);
    this.#run = this.#beginRun();
    this.places = Array.from({ length: options.workers }, () => new Place());
  }

  /** Those that new requests go to. */
  get serving(): Worker[] {
    return this.places.flatMap(({ serving }) => serving?.worker ?? []);
  }

  /** Those that take requests, or have taken some, and are in no place: most only finish what they have. */
  get retiring(): Worker[] {
    const serving = new Set(this.places.map((place) => place.serving));
    return this.#haveServed.filter((member) => !serving.has(member)).map(({ worker }) => worker);
  }

  /** All whose processes have not ended, whether or not they serve. */
  get alive(): Worker[] {
    return [...this.#members].map(({ worker }) => worker);
  }

  /** Those that are killed, and have not ended yet. */
  get dying(): Worker[] {
    return [...this.#members].filter(({ life: { state, why } }) =>
      state === "stopping" && why !== "retired" && why !== "shutdown"
    ).map(({ worker }) => worker);
  }

  /** The port, once a worker listens. */
  get port(): number {
    return this.#starter.port;
  }

  /** For how long a place has been empty, in milliseconds; 0 where none is. */
  get downFor(): number {
    return Math.max(...this.places.map((place) => place.emptyFor(this.#clock.now())));
  }

  /**
   * Starts all of them, also after it gave up. Rejects where one does not start; then none is left.
   *
   * @param abandoned ends the attempt
   */
  async start(abandoned?: AbortSignal): Promise<void> {
    // Whatever is being started again as it was is out of date.
    this.#run.end.abort(new Superseded());
    this.#run = this.#beginRun();
    const attempt = new AbortController();
    const signals = [this.#service, attempt.signal, ...(abandoned ? [abandoned] : [])];
    const signal = AbortSignal.any(signals);
    const starts = this.places.map((place) => this.#fill(place, signal));
    try {
      await Promise.all(starts);
      signal.throwIfAborted();
      for (const { member } of this.places) {
        if (member !== undefined && diedUnasked(member.life)) {
          throw diedEarly(await member.worker.exit);
        }
      }
      this.#run.complete = true;
    } catch (error) {
      attempt.abort();
      // Who has requests already may finish them where the service is told to stop.
      if (this.#service.aborted) await this.stop(this.#options.shutdownTimeout);
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
  replaceAll(reason: RestartReason, signal: AbortSignal = this.#service): Promise<void> {
    return this.#inReplaceTurn(async () => {
      for (const place of this.places) {
        signal.throwIfAborted();
        await this.#replace(place, reason, signal);
      }
    });
  }

  /** Starts another worker in this place, then ends the one that was there. Rejects as a start does. */
  replace(place: Place, reason: RestartReason): Promise<void> {
    const { member } = place;
    return this.#inReplaceTurn(async () => {
      // It may have been replaced, or have died, before its turn.
      if (member?.is("serving")) await this.#replace(place, reason, this.#service);
    });
  }

  /**
   * Kills a worker that stands still or has grown too large; another one follows.
   *
   * @param detail what the log is to say, as the end of "the handler's process …"
   * @returns Will the log say it? Of one that did not serve yet, only its start fails.
   */
  condemn(worker: Worker, why: CondemnReason, detail: string): boolean {
    const member = [...this.#members].find((member) => member.worker === worker);
    const told = member?.take({ type: "condemned", why, detail }) ?? false;
    worker.kill();
    return told;
  }

  /** Each response asks its client to open another connection from now on. */
  drain(): void {
    for (const { worker } of this.#haveServed) worker.drain();
  }

  /** Lets all of them finish what they have for up to `timeout` milliseconds, and end. */
  async stop(timeout: number): Promise<StopOutcome[]> {
    const members = this.#haveServed;
    for (const member of members) member.take({ type: "told", why: "shutdown" });
    const outcomes = members.map((member) => member.stop(timeout));
    await this.allEnded();
    return await Promise.all(outcomes);
  }

  /** Ends all of them at once. Resolves with how many requests they had, as far as they have told. */
  async kill(): Promise<number> {
    const served = this.#haveServed;
    for (const member of this.#members) member.kill();
    await this.allEnded();
    return served.reduce((sum, { worker }) => sum + worker.snapshot.inFlight, 0);
  }

  /** Passes a signal on to all of them but those that are being started, who could not listen to it yet. */
  signal(name: NodeJS.Signals): void {
    for (const { worker } of this.#haveServed) worker.signal(name);
  }

  /** Resolves when none is left. */
  async allEnded(): Promise<void> {
    await Promise.all([...this.#members].map(({ worker }) => worker.exit));
  }

  #beginRun(): Run {
    const restarts = new Restarts(this.#options.maxRestarts, () => this.#clock.now());
    return { end: new AbortController(), restarts, complete: false };
  }

  get #closing(): boolean {
    return this.#service.aborted || this.#run.end.signal.aborted;
  }

  /** Those that serve, or have served and not ended; not those that were killed before they did. */
  get #haveServed(): Member[] {
    return [...this.#members].filter((member) =>
      member.is("serving", "retiring", "stopping") && member.life.why !== "abandoned"
    );
  }

  #inReplaceTurn(action: () => Promise<void>): Promise<void> {
    const turn = this.#replaceTurn.then(action);
    this.#replaceTurn = turn.catch(() => {});
    return turn;
  }

  /** Starts a worker in a place. Of a start that was ended, it rejects with why that was. */
  #fill(place: Place, signal: AbortSignal): Promise<void> {
    const signals = AbortSignal.any([signal, this.#run.end.signal]);
    return place.fill(async (signal) => {
      try {
        await this.#start(place, signal);
      } catch (error) {
        throw signal.aborted && signal.reason instanceof Error ? signal.reason : error;
      }
    }, signals);
  }

  async #start(place: Place, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const member = this.#starter.launch();
    const { worker } = member;
    this.#members.add(member);
    worker.exit.then((exit) => this.#noteEnd(place, member, exit)).catch((error: unknown) =>
      this.#giveUp(messageOf(error), traceOf(error))
    );
    await this.#starter.bringUp(member, signal, () => place.member = member);
    this.#tell({ type: "up", worker });
    // Where another one retires, this one must be let have connections, too.
    if (this.#run.complete) void this.group.steer(() => this.serving);
  }

  /** Takes note of the end of a worker, and sees to it that another one follows where it has to. */
  async #noteEnd(place: Place, member: Member, exit: WorkerExit): Promise<void> {
    const { worker } = member;
    member.take({ type: "ended", detail: exit.reason, asked: exit.asked });
    this.#members.delete(member);
    this.group.remove(worker);
    this.#tell({ type: "gone", worker });
    if (!this.#closing) void this.group.steer(() => this.serving);
    const { life } = member;
    if (!diedUnasked(life)) return;
    const how = life.detail ?? exit.reason;
    this.#tell({ type: "died", worker, how });
    // Where it was retiring, another one serves.
    if (place.member !== member) return;
    if (this.serving.length === 0) await this.#front.allDown();
    if (this.#run.complete) await this.#restart(place, member, { ...exit, reason: how });
  }

  /** Starts another worker in the place of one that has died, as often as it takes and is allowed. */
  async #restart(place: Place, dead: Member, exit: WorkerExit): Promise<void> {
    let { message: reason, trace } = diedEarly(exit);
    const signal = AbortSignal.any([this.#service, this.#run.end.signal]);
    while (await isVacant(place, dead) && !signal.aborted) {
      const pause = this.#run.restarts.next();
      if (pause === undefined) return this.#giveUp(reason, trace);
      this.#tell({ type: "restarting", reason });
      try {
        await this.#clock.sleep(pause, signal);
        if (!await isVacant(place, dead)) return;
        await this.#fill(place, signal);
        this.#tell({ type: "replaced", why: causeOfDeath(dead.life) ?? "crash" });
        this.#tell({ type: "restarted" });
      } catch (error) {
        if (signal.aborted) return;
        // If what was started instead does not serve, it is this one's turn again.
        if (error instanceof Superseded) continue;
        reason = messageOf(error);
        trace = traceOf(error);
        this.#tell({ type: "restartFailed", error });
      }
    }
  }

  #giveUp(reason: string, trace: string): void {
    if (this.#run.end.signal.aborted) return;
    this.#run.end.abort();
    this.#tell({ type: "gaveUp", reason, trace });
  }

  /** Also where a place is empty: what is being started there may be out of date. */
  async #replace(place: Place, why: RestartReason, signal: AbortSignal): Promise<void> {
    const old = place.member;
    const late = new AbortController();
    const { startTimeout } = this.#options;
    const timer = startTimeout === Infinity ? undefined : setTimeout(() => {
      late.abort(new WorkerError(`it has not begun to listen within ${startTimeout / 1000}s`));
    }, startTimeout);
    try {
      await this.#fill(place, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      if (this.#closing) return;
      throw error;
    } finally {
      clearTimeout(timer);
    }
    this.#tell({ type: "replaced", why });
    if (!old?.take({ type: "replaced", why })) return;
    const retired = this.#retire(old);
    // What shares a port leaves it one after the other; what has its own may take its time.
    if (this.#options.reusePort) await retired;
  }

  async #retire(member: Member): Promise<void> {
    const { worker } = member;
    await this.group.steer(() => this.serving);
    worker.drain();
    await Promise.race([this.#front.left(worker), worker.exit, this.#serviceStops]);
    // Its clients, too, are served for as long as the service is to be: it ends with all others.
    if (this.#service.aborted || !member.take({ type: "told", why: "retired" })) return;
    const stop = (): Promise<StopOutcome> => member.stop(this.#options.shutdownTimeout);
    const outcome = await (this.#options.reusePort ? this.group.close(worker, stop) : stop());
    if (!this.#service.aborted) this.#tell({ type: "retired", outcome });
  }
}

/** Is nobody in the place of one that has died, once what is being started there has been? */
async function isVacant(place: Place, dead: Member): Promise<boolean> {
  await place.settled();
  return place.member === dead;
}
