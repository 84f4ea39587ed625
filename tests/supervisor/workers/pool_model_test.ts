import { describe, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FakePool, type FakeWorker } from "./fakes.ts";

/**
 * Something that happens to a pool, as a name and a number that says to whom. Where there is nobody that
 * it could happen to, nothing does.
 */
const happening = fc.tuple(
  fc.constantFrom(
    "load",
    "load",
    "open",
    "open",
    "open",
    "fail",
    "crash",
    "crash serving",
    "stall",
    "outgrow",
    "replace",
    "replace all",
    "supersede",
    "reload",
    "leave",
    "finish",
    "pause over",
  ),
  fc.nat(7),
);

/** A pool, what was asked of it, and what must be true at each moment. */
class Model {
  readonly fake: FakePool;
  readonly asked: Promise<unknown>[] = [];
  /** Those that served at some time. */
  readonly served = new Set<FakeWorker>();
  readonly condemned = new Set<FakeWorker>();
  #round = new AbortController();
  /** Those that still served when all were said to be replaced. */
  readonly #kept: FakeWorker[] = [];
  readonly #workers: number;

  readonly #reusePort: boolean;

  constructor(fake: FakePool, workers: number, reusePort: boolean) {
    this.fake = fake;
    this.#workers = workers;
    this.#reusePort = reusePort;
  }

  get serving(): FakeWorker[] {
    return this.fake.pool.serving as FakeWorker[];
  }

  async happen(what: string, number: number): Promise<void> {
    const { fake } = this;
    const one = (workers: readonly FakeWorker[]) => workers[number % workers.length];
    // Long enough for nobody to doubt which of two changes of the port's group came first.
    fake.clock.time += 10_000;
    switch (what) {
      case "load":
        one(fake.loading)?.load();
        break;
      case "open":
        one(fake.opening)?.open();
        break;
      case "fail":
        one([...fake.loading, ...fake.opening])?.fail("no such table");
        break;
      case "crash":
        one(fake.alive)?.end("exited with code 3");
        break;
      case "crash serving":
        one(this.serving)?.end("exited with code 3");
        break;
      case "stall": {
        const worker = one([...this.serving, ...fake.pool.retiring as FakeWorker[]]);
        if (worker === undefined) break;
        if (!worker.isStopping) this.condemned.add(worker);
        fake.pool.condemn(worker, "stall", "is killed: it stands still");
        break;
      }
      case "outgrow": {
        const worker = one(fake.alive);
        if (worker === undefined) break;
        if (fake.pool.condemn(worker, "memory", "is killed: it is too large")) {
          this.condemned.add(worker);
        }
        break;
      }
      case "replace": {
        const place = fake.pool.places[number % this.#workers];
        if (place !== undefined) this.#ask(fake.pool.replace(place, "memory"));
        break;
      }
      case "replace all":
      case "supersede":
        if (what === "supersede") this.#round.abort();
        this.#replaceAll();
        break;
      case "reload":
        if (this.serving.length === 0) this.#ask(fake.pool.start());
        break;
      case "leave": {
        const [worker, leave] = [...fake.leaving][number % fake.leaving.size] ?? [];
        leave?.();
        if (worker !== undefined) fake.leaving.delete(worker);
        break;
      }
      case "finish":
        one(fake.alive.filter(({ isStopping }) => isStopping))?.finish();
        break;
      case "pause over":
        fake.clock.wake();
        break;
    }
    await fake.settle();
    this.check();
  }

  #ask(promise: Promise<unknown>): void {
    this.asked.push(promise.catch(() => {}));
  }

  #replaceAll(): void {
    const { pool, workers, service } = this.fake;
    const before = new Set(workers);
    this.#round = new AbortController();
    const { signal } = this.#round;
    const mayFail = (): boolean => service.signal.aborted || this.fake.of("gaveUp").length > 0;
    const replaced = pool.replaceAll("signal", AbortSignal.any([service.signal, signal]));
    this.#ask(replaced);
    replaced.then(() => {
      if (!mayFail()) this.#kept.push(...this.serving.filter((worker) => before.has(worker)));
    }, () => {});
  }

  /** What is true at each moment. */
  check(): void {
    const { fake } = this;
    const { pool, kernel, service } = fake;
    for (const worker of this.serving) this.served.add(worker);
    assert(this.serving.length <= this.#workers, "too many serve");
    assert(this.serving.every(({ isOpen }) => isOpen), "one serves that does not listen");
    const starting = fake.alive.filter(({ isOpen }) => !isOpen);
    assert(starting.length <= this.#workers, "two are started in one place");
    const places = this.serving.map((worker) => kernel.indexOf(worker));
    // Where one opens while another closes they are in doubt, and that is known.
    const known = this.#reusePort ? pool.group.places(this.serving) : undefined;
    if (known !== undefined) assertEquals(known, places, "their places in the port's group");
    assertEquals(fake.hidden, []);
    assertEquals(this.#kept, [], "one still serves though all were replaced");
    for (const worker of fake.alive) {
      if (!worker.isStopping || service.signal.aborted) continue;
      assert(!this.serving.includes(worker), "one that is told to stop serves");
      // Of those that retire: first asked to send clients away, then left, then stopped.
      if (!this.served.has(worker)) continue;
      assert(worker.told.indexOf("drain") < worker.told.indexOf("stop"), "stopped before drained");
      assert(worker.told.includes("drain"), "stopped without being drained");
      assert(!fake.leaving.has(worker), "stopped before it was left");
    }
    const dead = [...this.served].filter(({ hasExited }) => hasExited);
    const died = fake.of("died").map(({ worker }) => worker);
    for (const worker of dead) {
      const killed = this.condemned.has(worker) || !worker.told.includes("stop") &&
          !worker.told.includes("kill");
      assertEquals(died.filter((one) => one === worker).length, killed ? 1 : 0, "told as died");
    }
    const gone = fake.of("gone").map(({ worker }) => worker);
    const exited = fake.workers.filter(({ hasExited }) => hasExited);
    assertEquals(new Set(gone), new Set(exited), "told as gone");
    assertEquals(gone.length, exited.length, "told as gone once");
    assert(!service.signal.aborted || starting.length === 0, "one is started while it stops");
  }

  /** Everything that was begun is brought to its end: what is true then. */
  async rest(): Promise<void> {
    await this.fake.comeToRest(() => this.check());
    this.check();
    await Promise.all(this.asked);
    const { fake } = this;
    const settled = fake.alive.filter((worker) => !this.serving.includes(worker));
    assertEquals(settled.map(({ pid }) => pid), [], "some neither serve nor end");
  }
}

/** A pool that serves after whatever happens. */
async function after(
  happenings: readonly [string, number][],
  workers: number,
  reusePort: boolean,
  maxRestarts = 1000,
): Promise<Model> {
  const fake = await FakePool.serving({ workers, reusePort, maxRestarts });
  const model = new Model(fake, workers, reusePort);
  for (const [what, number] of happenings) await model.happen(what, number);
  return model;
}

const many = fc.array(happening, { maxLength: 40 });
const size = fc.integer({ min: 1, max: 3 });

describe("a pool, whatever happens in which order,", () => {
  test("is whole again when it has come to rest", async () => {
    await fc.assert(
      fc.asyncProperty(many, size, async (happenings, workers) => {
        const model = await after(happenings, workers, true);
        await model.rest();
        // Hot reload starts all anew where nothing serves; a start that failed is over.
        if (happenings.some(([what]) => what === "reload")) return;
        assertEquals(model.serving.length, workers);
        assertEquals(model.fake.pool.downFor, 0);
      }),
      { numRuns: 150 },
    );
  });

  test("leaves nobody behind when it is stopped", async () => {
    await fc.assert(
      fc.asyncProperty(many, many, size, async (before, meanwhile, workers) => {
        const model = await after(before, workers, true);
        const { fake } = model;
        const launched = fake.workers.length;
        fake.service.abort(0);
        await fake.settle();
        fake.pool.drain();
        for (const [what, number] of meanwhile) await model.happen(what, number);
        const stopped = fake.pool.stop(20_000);
        await model.rest();
        await stopped;
        await fake.pool.allEnded();
        assertEquals(fake.alive.length, 0);
        const reloaded = meanwhile.some(([what]) => what === "reload");
        if (!reloaded) assertEquals(fake.workers.length, launched, "launched while it stops");
      }),
      { numRuns: 100 },
    );
  });

  test("starts nothing any more once it has given up", async () => {
    await fc.assert(
      fc.asyncProperty(many, size, async (happenings, workers) => {
        const fakes = happenings.filter(([what]) => what !== "reload");
        const model = await after(fakes, workers, true, 1);
        await model.rest();
        const { fake } = model;
        if (fake.of("gaveUp").length === 0) return assertEquals(model.serving.length, workers);
        assertEquals(fake.of("gaveUp").length, 1);
        const launched = fake.workers.length;
        for (let times = 0; times < 3; times++) {
          await model.happen("replace all", 0);
          await model.happen("crash serving", 0);
        }
        await model.rest();
        assertEquals(fake.workers.length, launched);
      }),
      { numRuns: 100 },
    );
  });

  test("is killed whole", async () => {
    await fc.assert(
      fc.asyncProperty(many, size, async (happenings, workers) => {
        const { fake } = await after(happenings, workers, false);
        fake.service.abort(130);
        await fake.pool.kill();
        assertEquals(fake.alive.length, 0);
      }),
      { numRuns: 30 },
    );
  });
});
