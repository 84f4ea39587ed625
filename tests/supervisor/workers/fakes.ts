/**
 * Workers that do what a test says, and the time and the front to go with them.
 *
 * @module
 */
import type { StopOutcome } from "../../../src/app/app.ts";
import type { AppAddress } from "../../../src/app/protocol.ts";
import { type AppSnapshot, requestSnapshot } from "../../../src/metrics/snapshot.ts";
import type { PoolEvent } from "../../../src/supervisor/workers/events.ts";
import { type Clock, type PoolOptions, WorkerPool } from "../../../src/supervisor/workers/pool.ts";
import {
  type Worker,
  WorkerError,
  type WorkerExit,
} from "../../../src/supervisor/workers/worker.ts";

/** A worker whose process exists in a test's imagination alone. */
export class FakeWorker implements Worker {
  readonly pid: number;
  readonly snapshot: AppSnapshot = {
    inFlight: 0,
    answered: 0,
    loopDelay: 0,
    requests: requestSnapshot.empty(),
  };
  readonly silence = 0;
  onPulse: () => void = () => {};
  readonly imports = [];
  readonly lastMetrics = undefined;
  onImports: () => void = () => {};
  /** What it was told, in order. */
  readonly told: string[] = [];
  /** The port that it was told to listen on, once it was. */
  listens: number | undefined;
  isOpen = false;
  hasExited = false;
  /** Does it take a while to die when it is killed, until {@linkcode end}? */
  diesLate = false;
  /** Has its process ended, though the supervisor has not been told yet? */
  isGone = false;
  /** What it answers when it is asked to steer; by default at once. */
  steered: Promise<boolean> = Promise.resolve(true);

  readonly #kernel: FakeWorker[];
  readonly #loaded = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<StopOutcome>();
  readonly #exited = Promise.withResolvers<WorkerExit>();
  isLoaded = false;

  /** @param kernel the sockets that listen, as the kernel keeps them */
  constructor(pid: number, kernel: FakeWorker[]) {
    this.pid = pid;
    this.#kernel = kernel;
    this.#loaded.promise.catch(() => {});
    this.#opened.promise.catch(() => {});
  }

  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  get exit(): Promise<WorkerExit> {
    return this.#exited.promise;
  }

  get address(): AppAddress {
    return {
      hostname: "127.0.0.1",
      port: this.listens || 1000 + this.pid,
      scheme: "http",
      checks: { readiness: 0, liveness: 0 },
    };
  }

  /** Has it been told to end in peace, and not done so? */
  get isStopping(): boolean {
    return !this.hasExited && this.told.includes("stop");
  }

  async listen(port: number): Promise<void> {
    this.listens = port;
    await this.#opened.promise;
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  runChecks(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  handlerMetrics(): Promise<{ error: string }> {
    return Promise.resolve({ error: "it has none" });
  }

  steer(_port: number, places: readonly number[] | null): Promise<boolean> {
    this.told.push(`steer ${places === null ? "all" : [...places].sort().join(",")}`);
    return this.steered;
  }

  drain(): void {
    this.told.push("drain");
  }

  stop(): Promise<StopOutcome> {
    if (this.isGone) return this.exit.then(() => ({ cut: 0 }));
    this.told.push("stop");
    return this.#stopped.promise;
  }

  signal(name: NodeJS.Signals): void {
    this.told.push(name);
  }

  kill(): void {
    this.told.push("kill");
    if (!this.diesLate) this.end("was killed by SIGKILL");
  }

  /** Its handler is imported. */
  load(): void {
    this.isLoaded = true;
    this.#loaded.resolve();
  }

  /** Its socket opens. */
  open(): void {
    this.isOpen = true;
    this.#kernel.push(this);
    this.#opened.resolve();
  }

  /** Its process ends, and the supervisor is told of that by {@linkcode end}. */
  vanish(): void {
    this.isGone = true;
  }

  /** It does what it was told: everything is finished, and it ends. */
  finish(outcome: StopOutcome = { cut: 0 }): void {
    this.#stopped.resolve(outcome);
    this.end("exited with code 0");
  }

  /** Its handler fails, and its process lives on. */
  refuse(message: string): void {
    this.isLoaded = true;
    this.#loaded.reject(new WorkerError(message));
  }

  /** Its handler or its socket fails, and it ends. */
  fail(message: string): void {
    this.#loaded.reject(new WorkerError(message));
    this.#opened.reject(new WorkerError(message));
    this.end("exited with code 1");
  }

  /** Its process ends. */
  end(reason: string): void {
    if (this.hasExited) return;
    this.hasExited = true;
    this.isOpen = false;
    const place = this.#kernel.indexOf(this);
    if (place >= 0) {
      const last = this.#kernel.pop() as FakeWorker;
      if (last !== this) this.#kernel[place] = last;
    }
    const error = new WorkerError(`its process ${reason}`);
    this.#loaded.reject(error);
    this.#opened.reject(error);
    this.#stopped.resolve({ cut: 1, atLeast: true });
    this.#exited.resolve({ reason, asked: this.told.includes("stop") });
  }
}

/** Time that passes when a test says so. */
export class FakeClock implements Clock {
  time = 0;
  #sleeping: (() => void)[] = [];

  now(): number {
    return this.time;
  }

  sleep(_milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#sleeping.push(resolve);
    });
  }

  /** Does anybody sleep? */
  get isWaitedFor(): boolean {
    return this.#sleeping.length > 0;
  }

  /** All pauses are over. */
  wake(): void {
    for (const resolve of this.#sleeping.splice(0)) resolve();
  }
}

/** A pool of fake workers, with all that it says and asks. */
export class FakePool {
  readonly workers: FakeWorker[] = [];
  readonly events: PoolEvent[] = [];
  readonly clock = new FakeClock();
  readonly service = new AbortController();
  readonly pool: WorkerPool;
  /** The sockets that listen, in the kernel's order. */
  readonly kernel: FakeWorker[] = [];
  /** Workers that took requests and were not counted, or twice, when something happened. */
  readonly hidden: string[] = [];
  /** How often nobody was left. */
  allDown = 0;
  /** What the front says to that, where it can do nothing. */
  allDownFails: Error | undefined;
  readonly leaving = new Map<Worker, () => void>();
  /** Resolves for whoever waits for the front after a worker has opened; by default at once. */
  opened: (worker: Worker) => Promise<void> = () => Promise.resolve();

  constructor(options: Partial<PoolOptions> = {}) {
    this.pool = new WorkerPool(
      {
        workers: 2,
        port: 0,
        reusePort: true,
        maxRestarts: 1000,
        shutdownTimeout: 20_000,
        startTimeout: Infinity,
        ...options,
      },
      {
        launch: () => {
          const worker = new FakeWorker(this.workers.length + 1, this.kernel);
          this.workers.push(worker);
          return worker;
        },
        opened: (worker) => this.opened(worker),
        allDown: () => {
          this.allDown++;
          const { allDownFails } = this;
          return allDownFails === undefined ? Promise.resolve() : Promise.reject(allDownFails);
        },
        left: (worker) => new Promise<void>((resolve) => this.leaving.set(worker, resolve)),
      },
      this.service.signal,
      (event) => {
        this.events.push(event);
        this.#lookForHidden(event.type);
      },
      this.clock,
    );
  }

  /** Whoever takes requests is counted, at each moment: a scrape may come in any of them. */
  #lookForHidden(when: string): void {
    const { serving, retiring } = this.pool;
    const seen = new Set<Worker>([...serving, ...retiring]);
    if (seen.size !== serving.length + retiring.length) this.hidden.push(`${when}: counted twice`);
    for (const worker of this.alive) {
      if (worker.isOpen && !worker.told.includes("kill") && !seen.has(worker)) {
        this.hidden.push(`${when}: ${worker.pid} is counted nowhere`);
      }
    }
  }

  /** Those that have not ended. */
  get alive(): FakeWorker[] {
    return this.workers.filter(({ hasExited }) => !hasExited);
  }

  /** Those that could be let load, or let open their socket. */
  get loading(): FakeWorker[] {
    return this.alive.filter(({ isLoaded }) => !isLoaded);
  }
  get opening(): FakeWorker[] {
    return this.alive.filter(({ isLoaded, isOpen, listens }) =>
      isLoaded && !isOpen && listens !== undefined
    );
  }

  /** What was told of a kind. */
  of<Type extends PoolEvent["type"]>(type: Type): Extract<PoolEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<PoolEvent, { type: Type }> =>
      event.type === type
    );
  }

  /** Lets everything happen that nobody has to wait for. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets one load, and then listen. */
  async bringUp(worker: FakeWorker): Promise<void> {
    worker.load();
    await this.settle();
    worker.open();
    await this.settle();
  }

  /** Whoever loads has loaded, whoever opens has opened, until nobody does. */
  async comeUp(look: () => void = () => {}): Promise<void> {
    await this.settle();
    while (this.loading.length + this.opening.length > 0) {
      this.clock.time += 10_000;
      for (const worker of this.loading) worker.load();
      await this.settle();
      this.opening[0]?.open();
      await this.settle();
      look();
    }
  }

  /**
   * Everything that is under way comes to its end.
   *
   * @param look is called after each step
   */
  async comeToRest(look: () => void = () => {}): Promise<void> {
    for (;;) {
      await this.comeUp(look);
      const stopping = this.alive.filter(({ isStopping }) => isStopping);
      if (stopping.length + this.leaving.size === 0 && !this.clock.isWaitedFor) return;
      this.clock.time += 10_000;
      stopping[0]?.finish();
      await this.settle();
      look();
      for (const leave of this.leaving.values()) leave();
      this.leaving.clear();
      this.clock.wake();
      await this.settle();
      look();
    }
  }

  /** All of them serve. */
  static async serving(options: Partial<PoolOptions> = {}): Promise<FakePool> {
    const fake = new FakePool(options);
    const started = fake.pool.start();
    await fake.comeUp();
    await started;
    return fake;
  }
}
