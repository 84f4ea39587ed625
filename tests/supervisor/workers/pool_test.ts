import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertMatch, assertRejects } from "@std/assert";
import { Superseded } from "../../../src/supervisor/workers/place.ts";
import { PortGroup } from "../../../src/supervisor/workers/port_group.ts";
import { Starter } from "../../../src/supervisor/workers/starter.ts";
import { WorkerError } from "../../../src/supervisor/workers/worker.ts";
import { eventually } from "../../support/wait.ts";
import { FakePool, FakeWorker } from "./fakes.ts";

const pids = (workers: readonly { pid: number }[]): number[] => workers.map(({ pid }) => pid);

/** A front that lets everything pass. */
const idleFront = {
  opened: () => Promise.resolve(),
  allDown: () => Promise.resolve(),
  left: () => Promise.resolve(),
};

/** A worker by the number of its start, from 1 on. */
function nth(fake: FakePool, number: number): FakeWorker {
  const worker = fake.workers[number - 1];
  assert(worker !== undefined, `there is no worker ${number}`);
  return worker;
}

/** What promises have come to so far. */
function outcome(promise: Promise<unknown>): { of?: "resolved" | unknown } {
  const seen: { of?: unknown } = {};
  promise.then(() => seen.of = "resolved", (error: unknown) => seen.of = error);
  return seen;
}

describe("a start", () => {
  test("loads all at once, and lets them listen one after the other", async () => {
    const fake = new FakePool();
    const open = Promise.withResolvers<void>();
    fake.opened = () => open.promise;
    const started = fake.pool.start();
    await fake.settle();
    assertEquals(pids(fake.loading), [1, 2]);
    for (const worker of [nth(fake, 2), nth(fake, 1)]) {
      worker.load();
      await fake.settle();
    }
    assertEquals([nth(fake, 1).listens, nth(fake, 2).listens], [undefined, 0]);
    nth(fake, 2).open();
    await fake.settle();
    // The front is not done with the first one: a listener of the probes may have to be closed.
    assertEquals(nth(fake, 1).listens, undefined);
    assertEquals(pids(fake.pool.serving), []);
    open.resolve();
    await fake.settle();
    // The port that the first one has picked.
    assertEquals(nth(fake, 1).listens, 1002);
    assertEquals(fake.pool.port, 1002);
    nth(fake, 1).open();
    await started;
    assertEquals(pids(fake.pool.serving), [1, 2]);
    assertEquals(pids(fake.of("up").map(({ worker }) => worker)), [2, 1]);
    assertEquals(fake.of("replaced"), []);
  });

  test("gives each a port of its own where they share none", async () => {
    const fake = await FakePool.serving({ reusePort: false, port: 0 });
    assertEquals(fake.workers.map(({ listens }) => listens), [0, 0]);
    assertEquals(fake.workers.flatMap(({ told }) => told), []);
  });

  test("that fails in one place leaves nobody, and says why", async () => {
    const fake = new FakePool({ workers: 3 });
    const started = fake.pool.start();
    const seen = outcome(started);
    await fake.settle();
    await fake.bringUp(nth(fake, 1));
    nth(fake, 3).fail("no such table");
    await fake.settle();
    assert(seen.of instanceof WorkerError);
    assertEquals(seen.of.message, "no such table");
    assertEquals(fake.alive, []);
    // Nobody was told of as dead: they were killed as asked.
    assertEquals(fake.of("died"), []);
    assertEquals(fake.of("restarting"), []);
  });

  test("fails where one dies before all serve", async () => {
    const fake = new FakePool();
    const started = fake.pool.start();
    const seen = outcome(started);
    await fake.settle();
    await fake.bringUp(nth(fake, 1));
    nth(fake, 1).end("exited with code 3");
    await fake.settle();
    assertEquals(fake.of("restarting"), []);
    await fake.comeUp();
    assert(seen.of instanceof WorkerError);
    assertEquals(seen.of.message, "its process exited with code 3");
    assertEquals(fake.alive, []);
  });

  for (const when of ["loads", "waits for its turn", "opens its socket"]) {
    test(`is ended while a worker ${when}`, async () => {
      const fake = new FakePool();
      const abandoned = new AbortController();
      const seen = outcome(fake.pool.start(abandoned.signal));
      await fake.settle();
      if (when !== "loads") nth(fake, 1).load();
      if (when === "waits for its turn") nth(fake, 2).load();
      await fake.settle();
      abandoned.abort(new Error("an edit has come"));
      await fake.settle();
      assertMatch(String(seen.of), /an edit has come/);
      assertEquals(fake.alive, []);
    });
  }

  test("begins nothing once the service is told to stop", async () => {
    const fake = new FakePool();
    fake.service.abort(new Error("told to stop"));
    await assertRejects(() => fake.pool.start(), Error, "told to stop");
    assertEquals(fake.workers, []);
  });

  test("does not kill one that serves already when it is ended while the front is waited for", async () => {
    const fake = new FakePool({ workers: 1 });
    const open = Promise.withResolvers<void>();
    fake.opened = () => open.promise;
    const abandoned = new AbortController();
    const seen = outcome(fake.pool.start(abandoned.signal));
    await fake.settle();
    await fake.bringUp(nth(fake, 1));
    abandoned.abort(new Error("an edit has come"));
    await fake.settle();
    assertEquals(nth(fake, 1).told, []);
    // But the start has not come to what was wanted.
    open.resolve();
    await fake.settle();
    assertMatch(String(seen.of), /an edit has come/);
    assertEquals(fake.alive, []);
  });

  test("kills one whose handler fails though its process lives on", async () => {
    const fake = new FakePool({ workers: 1 });
    const seen = outcome(fake.pool.start());
    await fake.settle();
    nth(fake, 1).refuse("no such table");
    await fake.settle();
    assertMatch(String(seen.of), /no such table/);
    assertEquals(nth(fake, 1).told.includes("kill"), true);
    assertEquals(fake.alive, []);
  });

  test("does not let one serve that was killed, though it comes to listen", async () => {
    const fake = new FakePool({ workers: 1 });
    const abandoned = new AbortController();
    const seen = outcome(fake.pool.start(abandoned.signal));
    await fake.settle();
    nth(fake, 1).load();
    await fake.settle();
    nth(fake, 1).diesLate = true;
    abandoned.abort(new Error("an edit has come"));
    await fake.settle();
    nth(fake, 1).open();
    await fake.settle();
    assertEquals(fake.pool.serving, []);
    assertEquals(fake.of("up"), []);
    // The start is over when nobody is left of it, and not before.
    assertEquals(seen.of, undefined);
    nth(fake, 1).end("was killed by SIGKILL");
    await fake.settle();
    assertMatch(String(seen.of), /an edit has come/);
  });

  test("ends what is being started again as it was, also where it fails itself", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    nth(fake, 1).end("exited with code 3");
    await fake.settle();
    const seen = outcome(fake.pool.start());
    await fake.settle();
    nth(fake, 2).fail("edited badly");
    await fake.comeToRest();
    assertMatch(String(seen.of), /edited badly/);
    assertEquals(fake.workers.length, 2);
    assertEquals(fake.of("restartFailed"), []);
  });

  test("that fails in one place launches nobody later in another", async () => {
    const fake = await FakePool.serving();
    for (const number of [1, 2]) nth(fake, number).end("exited with code 3");
    await fake.settle();
    fake.clock.wake();
    await fake.settle();
    // The restart in the second place takes a while to be ended.
    const [third, fourth] = [nth(fake, 3), nth(fake, 4)];
    fourth.diesLate = true;
    const seen = outcome(fake.pool.start());
    await fake.settle();
    assert(third.hasExited);
    nth(fake, 5).fail("edited badly");
    await fake.settle();
    fourth.end("was killed by SIGKILL");
    await fake.settle();
    assertMatch(String(seen.of), /edited badly/);
    assertEquals(fake.workers.length, 5);
  });

  test("has all restarts before it again", async () => {
    const fake = await FakePool.serving({ workers: 1, maxRestarts: 1 });
    const crash = async (number: number): Promise<void> => {
      nth(fake, number).end("exited with code 3");
      await fake.comeToRest();
    };
    await crash(1);
    await crash(2);
    assertEquals([fake.of("restarting").length, fake.of("gaveUp").length], [1, 1]);
    const started = fake.pool.start();
    await fake.comeUp();
    await started;
    await crash(3);
    assertEquals([fake.of("restarting").length, fake.of("gaveUp").length], [2, 1]);
    assertEquals(pids(fake.pool.serving), [4]);
  });

  test("fails as the first one does where one dies before all serve, and starts nothing again", async () => {
    const fake = await FakePool.serving({ maxRestarts: 0 });
    for (const worker of [nth(fake, 1), nth(fake, 2)]) worker.end("exited with code 3");
    await fake.settle();
    const seen = outcome(fake.pool.start());
    await fake.settle();
    await fake.bringUp(nth(fake, 3));
    nth(fake, 3).end("exited with code 4");
    await fake.comeUp();
    assertMatch(String(seen.of), /exited with code 4/);
    assertEquals(fake.of("gaveUp").length, 1);
  });

  test("lets one that serves already finish where the service is told to stop", async () => {
    const fake = new FakePool({ workers: 1 });
    const open = Promise.withResolvers<void>();
    fake.opened = () => open.promise;
    const seen = outcome(fake.pool.start());
    await fake.settle();
    await fake.bringUp(nth(fake, 1));
    fake.service.abort(new Error("told to stop"));
    await fake.settle();
    open.resolve();
    await fake.settle();
    assertEquals(nth(fake, 1).told, ["stop"]);
    nth(fake, 1).finish();
    await fake.settle();
    assertMatch(String(seen.of), /told to stop/);
    assertEquals(fake.alive, []);
  });

  test("leaves nothing on a signal that lives longer", async () => {
    const listeners: string[] = [];
    const { signal } = new AbortController();
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (type: string, ...rest: unknown[]) => {
      listeners.push(type);
      add(type, ...rest as [() => void]);
    };
    signal.removeEventListener = () => void listeners.pop();
    const fake = new FakePool({ workers: 1 });
    const group = new PortGroup();
    const front = { ...idleFront, launch: () => new FakeWorker(1, fake.kernel) };
    const starter = new Starter(front, group, { port: 0, reusePort: false }, () => 0);
    for (const ends of ["open", "fail"]) {
      const member = starter.launch();
      const worker = member.worker as FakeWorker;
      const up = starter.bringUp(member, signal, () => {}).catch(() => {});
      assertEquals(listeners, ["abort"]);
      worker.load();
      await fake.settle();
      if (ends === "open") worker.open();
      else worker.fail("no such table");
      await up;
      assertEquals(listeners, []);
    }
  });

  test("that the front cannot go on with leaves the old one in its place", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    fake.opened = () => Promise.reject(new Error("the probes cannot be closed"));
    const replaced = outcome(fake.pool.replaceAll("signal"));
    await fake.comeUp();
    assertMatch(String(replaced.of), /cannot be closed/);
    assertEquals(pids(fake.pool.serving), [1]);
    assertEquals(pids(fake.alive), [1]);
  });

  test("comes after another that was given up", async () => {
    const fake = await FakePool.serving({ workers: 1, maxRestarts: 0 });
    nth(fake, 1).end("exited with code 3");
    await fake.settle();
    assertEquals(fake.of("gaveUp").map(({ reason }) => reason), [
      "its process exited with code 3",
    ]);
    const started = fake.pool.start();
    await fake.comeUp();
    await started;
    assertEquals(pids(fake.pool.serving), [2]);
  });
});

describe("a crash", () => {
  test("is told, and followed by another worker on the same port", async () => {
    const fake = await FakePool.serving();
    fake.clock.time = 100;
    nth(fake, 2).end("exited with code 3");
    await fake.settle();
    assertEquals(fake.of("died").map(({ worker, how }) => [worker.pid, how]), [
      [2, "exited with code 3"],
    ]);
    assertEquals(fake.of("restarting").map(({ reason }) => reason), [
      "its process exited with code 3",
    ]);
    assertEquals(pids(fake.pool.serving), [1]);
    fake.clock.time = 250;
    assertEquals(fake.pool.downFor, 150);
    await fake.comeToRest();
    assertEquals(pids(fake.pool.serving), [1, 3]);
    assertEquals(nth(fake, 3).listens, fake.pool.port);
    assertEquals(fake.of("replaced").map(({ why }) => why), ["crash"]);
    assertEquals(fake.of("restarted").length, 1);
    assertEquals(fake.pool.downFor, 0);
    assertEquals(fake.allDown, 0);
  });

  test("of the last one lets the front know before another is started", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    nth(fake, 1).end("exited with code 3");
    await fake.settle();
    assertEquals(fake.allDown, 1);
  });

  test("that goes on is tried again after each pause, and told", async () => {
    const fake = await FakePool.serving({ workers: 1, maxRestarts: 3 });
    nth(fake, 1).end("exited with code 3");
    for (const number of [2, 3, 4]) {
      await fake.settle();
      assertEquals(fake.workers.length, number - 1);
      fake.clock.wake();
      await fake.settle();
      nth(fake, number).fail(`failure ${number}`);
    }
    await fake.settle();
    assertEquals(fake.of("restartFailed").map(({ reason }) => reason), [
      "failure 2",
      "failure 3",
      "failure 4",
    ]);
    assertEquals(fake.of("gaveUp").map(({ reason, trace }) => [reason, trace]), [
      ["failure 4", "failure 4"],
    ]);
    assertEquals(fake.workers.length, 4);
  });

  test("while the service is told to stop is told, and not followed by another", async () => {
    const fake = await FakePool.serving();
    fake.service.abort(0);
    nth(fake, 1).end("exited with code 3");
    await fake.comeToRest();
    assertEquals(fake.of("died").length, 1);
    assertEquals(fake.workers.length, 2);
  });

  test("whose restart is under way when the service is told to stop is told no more", async () => {
    const fake = await FakePool.serving();
    nth(fake, 1).end("exited with code 3");
    await fake.settle();
    fake.service.abort(0);
    await fake.comeToRest();
    assertEquals(fake.of("restartFailed"), []);
    assertEquals(fake.workers.length, 2);
  });

  test("while another is about to take its place anyway is not followed by a third", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    void fake.pool.replaceAll("signal");
    await fake.settle();
    nth(fake, 1).end("exited with code 3");
    fake.clock.wake();
    await fake.settle();
    assertEquals(pids(fake.loading), [2]);
    await fake.comeToRest();
    assertEquals(pids(fake.pool.serving), [2]);
    assertEquals(fake.of("restarting"), []);
  });

  test("gives up where the front can do nothing without workers", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    fake.allDownFails = new Error("the port is taken");
    nth(fake, 1).end("exited with code 3");
    await fake.comeToRest();
    assertEquals(fake.of("gaveUp").map(({ reason }) => reason), ["the port is taken"]);
    assertEquals(fake.workers.length, 1);
  });

  test("of one that stands still has the reason that it was killed for", async () => {
    const fake = await FakePool.serving();
    fake.pool.condemn(nth(fake, 1), "stall", "is killed: its event loop has stood still");
    assertEquals(pids(fake.pool.serving), [2]);
    await fake.comeToRest();
    assertEquals(fake.of("died").map(({ how }) => how), [
      "is killed: its event loop has stood still",
    ]);
    assertEquals(fake.of("restarting").map(({ reason }) => reason), [
      "its process is killed: its event loop has stood still",
    ]);
    assertEquals(fake.of("replaced").map(({ why }) => why), ["stall"]);
  });

  test("of one that is too large is no crash, and is told where it served", async () => {
    const fake = await FakePool.serving();
    assert(fake.pool.condemn(nth(fake, 1), "memory", "is killed: it is too large"));
    await fake.settle();
    fake.clock.wake();
    await fake.settle();
    // Its successor loads.
    assertFalse(fake.pool.condemn(nth(fake, 3), "memory", "is killed: it is too large"));
    assert(nth(fake, 3).told.includes("kill"));
    await fake.comeToRest();
    assertEquals(fake.of("died").map(({ how }) => how), ["is killed: it is too large"]);
    assertEquals(fake.of("replaced").map(({ why }) => why), ["memory"]);
    assertEquals(fake.pool.serving.length, 2);
  });

  test("that was brought about is known until it has come", async () => {
    const fake = await FakePool.serving({ workers: 3 });
    nth(fake, 1).diesLate = true;
    fake.pool.condemn(nth(fake, 1), "memory", "is killed: it is too large");
    void fake.pool.replace(fake.pool.places[1]!, "memory");
    await fake.comeUp();
    for (const leave of fake.leaving.values()) leave();
    await fake.settle();
    // One that retires may take its time.
    assert(nth(fake, 2).isStopping);
    assertEquals(pids(fake.pool.dying), [1]);
    nth(fake, 1).end("was killed by SIGKILL");
    await fake.settle();
    assertEquals(pids(fake.pool.dying), []);
    await fake.comeToRest();
  });

  test("of one that is told to end and stands still is not followed by another", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    void fake.pool.stop(20_000);
    fake.pool.condemn(nth(fake, 1), "stall", "is killed: its event loop has stood still");
    await fake.settle();
    assertEquals(nth(fake, 1).told, ["stop", "kill"]);
    await fake.comeToRest();
    assertEquals(fake.workers.length, 1);
  });
});

describe("a crash that the supervisor hears of late", () => {
  test("is told where the service was told to stop meanwhile", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    nth(fake, 1).vanish();
    fake.service.abort(0);
    const stopped = outcome(fake.pool.stop(20_000));
    await fake.settle();
    nth(fake, 1).end("exited with code 7");
    await fake.settle();
    assertEquals(stopped.of, "resolved");
    assertEquals(fake.of("died").map(({ how }) => how), ["exited with code 7"]);
    assertEquals(fake.workers.length, 1);
  });

  test("is told where it was retired meanwhile", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    void fake.pool.replaceAll("signal");
    await fake.comeUp();
    nth(fake, 1).vanish();
    fake.leaving.get(nth(fake, 1))?.();
    await fake.settle();
    nth(fake, 1).end("exited with code 7");
    await fake.comeToRest();
    assertEquals(fake.of("died").map(({ how }) => how), ["exited with code 7"]);
    assertEquals(fake.workers.length, 2);
  });
});

describe("a replacement", () => {
  test("takes over first, and then lets the old one end in peace", async () => {
    const fake = await FakePool.serving();
    const replaced = outcome(fake.pool.replaceAll("signal"));
    await fake.settle();
    assertEquals(fake.alive.length, 3);
    assertEquals(pids(fake.pool.serving), [1, 2]);
    await fake.comeUp();
    assertEquals(pids(fake.pool.serving), [3, 2]);
    assertEquals(pids(fake.pool.retiring), [1]);
    // New connections are kept away from it before its clients are sent to others.
    assertEquals(new Set(nth(fake, 3).told), new Set(["steer 1,2"]));
    assertEquals(nth(fake, 1).told, ["drain"]);
    fake.leaving.get(nth(fake, 1))?.();
    await fake.settle();
    assertEquals(nth(fake, 1).told, ["drain", "stop"]);
    assertEquals(fake.workers.length, 3);
    nth(fake, 1).finish({ cut: 2 });
    await fake.settle();
    assertEquals(fake.of("retired").map(({ outcome }) => outcome), [{ cut: 2 }]);
    // The kernel has put the last one in the place of the one that left.
    assertEquals(fake.pool.group.places(fake.pool.serving), [0, 1]);
    assertEquals(nth(fake, 3).told.at(-1), "steer all");
    await fake.comeUp();
    await fake.comeToRest();
    assertEquals(pids(fake.pool.serving), [3, 4]);
    assertEquals(replaced.of, "resolved");
    assertEquals(fake.of("replaced").map(({ why }) => why), ["signal", "signal"]);
    assertEquals(fake.of("died"), []);
  });

  test("does not wait for the old one where each has a port of its own", async () => {
    const fake = await FakePool.serving({ workers: 1, reusePort: false });
    const replaced = outcome(fake.pool.replaceAll("edit"));
    await fake.comeUp();
    assertEquals(replaced.of, "resolved");
    assertEquals(pids(fake.pool.retiring), [1]);
    assertEquals(nth(fake, 1).told, ["drain"]);
    await fake.comeToRest();
    assertEquals(pids(fake.alive), [2]);
    assertEquals(fake.of("retired").length, 1);
  });

  test("that does not start leaves the old one as it is", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    const replaced = outcome(fake.pool.replaceAll("signal"));
    await fake.settle();
    nth(fake, 2).fail("no such table");
    await fake.settle();
    assertMatch(String(replaced.of), /no such table/);
    assertEquals(pids(fake.pool.serving), [1]);
    assertEquals(nth(fake, 1).told, []);
    assertEquals(fake.of("replaced"), []);
  });

  test("that hangs is ended when its time is up", async () => {
    const fake = await FakePool.serving({ workers: 1, startTimeout: 10 });
    const replaced = outcome(fake.pool.replaceAll("signal"));
    await eventually("its end", () => replaced.of !== undefined);
    assertMatch(String(replaced.of), /it has not begun to listen within 0\.01s/);
    assertEquals(pids(fake.alive), [1]);
  });

  test("that starts in time is not ended later", async () => {
    const fake = await FakePool.serving({ workers: 1, startTimeout: 3_600_000 });
    const replaced = outcome(fake.pool.replaceAll("signal"));
    await fake.comeToRest();
    assertEquals(replaced.of, "resolved");
    // A timer that is left would keep this test's process for an hour.
  });

  test("of one alone leaves the others as they are", async () => {
    const fake = await FakePool.serving();
    const [, place] = fake.pool.places;
    assert(place !== undefined);
    const replaced = outcome(fake.pool.replace(place, "memory"));
    await fake.comeToRest();
    assertEquals(replaced.of, "resolved");
    assertEquals(pids(fake.pool.serving), [1, 3]);
    assertEquals(fake.of("replaced").map(({ why }) => why), ["memory"]);
  });

  test("keeps new connections away from the old one before its clients are sent elsewhere", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    const steered = Promise.withResolvers<boolean>();
    void fake.pool.replaceAll("signal");
    await fake.settle();
    nth(fake, 2).steered = steered.promise;
    await fake.comeUp();
    assertEquals(pids(fake.pool.serving), [2]);
    assertEquals(nth(fake, 1).told, []);
    steered.resolve(true);
    await fake.settle();
    assertEquals(nth(fake, 1).told, ["drain"]);
  });

  test("lets one that comes up meanwhile have new connections, too", async () => {
    const fake = await FakePool.serving();
    void fake.pool.replaceAll("signal");
    await fake.comeUp();
    assertEquals(pids(fake.pool.retiring), [1]);
    fake.clock.time += 10_000;
    nth(fake, 2).end("exited with code 3");
    await fake.settle();
    fake.clock.time += 10_000;
    fake.clock.wake();
    const before = fake.workers.map(({ told }) => told.length);
    await fake.comeUp();
    assertEquals(pids(fake.pool.serving), [3, 4]);
    const places = [3, 4].map((pid) => fake.kernel.indexOf(nth(fake, pid))).sort();
    const since = fake.workers.flatMap(({ told }, index) => told.slice(before[index]));
    assertEquals(since, [`steer ${places.join(",")}`]);
  });

  test("that nobody wants any more leaves a restart alone that is under way", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    nth(fake, 1).end("exited with code 3");
    await fake.settle();
    fake.clock.wake();
    await fake.settle();
    assertEquals(pids(fake.loading), [2]);
    const seen = outcome(
      fake.pool.replaceAll("signal", AbortSignal.abort(new Error("asked again"))),
    );
    await fake.settle();
    assertMatch(String(seen.of), /asked again/);
    assertEquals(pids(fake.loading), [2]);
  });

  test("of one alone does nothing where it has been replaced before its turn", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    const [place] = fake.pool.places;
    assert(place !== undefined);
    const all = outcome(fake.pool.replaceAll("signal"));
    const one = outcome(fake.pool.replace(place, "memory"));
    await fake.comeToRest();
    assertEquals([all.of, one.of], ["resolved", "resolved"]);
    assertEquals(pids(fake.pool.serving), [2]);
    assertEquals(fake.of("replaced").map(({ why }) => why), ["signal"]);
  });

  test("waits for what is started where one has died", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    nth(fake, 1).end("exited with code 3");
    await fake.settle();
    assert(fake.clock.isWaitedFor);
    const replaced = outcome(fake.pool.replaceAll("signal"));
    await fake.settle();
    // In the pause before a restart nothing serves: nothing has been replaced yet.
    assertEquals(replaced.of, undefined);
    assertEquals(pids(fake.loading), [2]);
    await fake.comeUp();
    assertEquals(replaced.of, "resolved");
    assertEquals(pids(fake.pool.serving), [2]);
    // The restart has no more use.
    fake.clock.wake();
    await fake.comeToRest();
    assertEquals(fake.workers.length, 2);
    assertEquals(fake.of("replaced").map(({ why }) => why), ["signal"]);
  });

  test("takes the place of a restart that is under way: that is out of date", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    nth(fake, 1).end("exited with code 3");
    await fake.settle();
    fake.clock.wake();
    await fake.settle();
    assertEquals(pids(fake.loading), [2]);
    const replaced = outcome(fake.pool.replaceAll("signal"));
    await fake.settle();
    assertEquals(pids(fake.loading), [3]);
    nth(fake, 3).fail("no such table");
    await fake.settle();
    assertMatch(String(replaced.of), /no such table/);
    // And where it fails, the restart goes on.
    await fake.comeToRest();
    assertEquals(pids(fake.pool.serving), [4]);
    assertEquals(fake.of("restartFailed"), []);
  });

  test("begun anew ends what was being started", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    const round = new AbortController();
    const first = outcome(fake.pool.replaceAll("signal", round.signal));
    await fake.settle();
    round.abort(new Error("asked again"));
    const second = outcome(fake.pool.replaceAll("signal"));
    await fake.comeToRest();
    assertMatch(String(first.of), /asked again/);
    assertEquals(second.of, "resolved");
    assertEquals(pids(fake.pool.serving), [3]);
  });

  test("is quiet when the service is told to stop meanwhile", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    const replaced = outcome(fake.pool.replaceAll("memory"));
    await fake.settle();
    fake.service.abort(0);
    await fake.settle();
    assertEquals(replaced.of, "resolved");
    assertEquals(pids(fake.alive), [1]);
  });

  test("of one that dies while it retires tells so, and starts nothing", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    const replaced = outcome(fake.pool.replaceAll("signal"));
    await fake.comeUp();
    nth(fake, 1).end("exited with code 3");
    await fake.comeToRest();
    assertEquals(replaced.of, "resolved");
    assertEquals(fake.of("died").map(({ worker }) => worker.pid), [1]);
    assertEquals(fake.of("retired"), []);
    assertEquals(fake.workers.length, 2);
    assertEquals(fake.allDown, 0);
  });

  test("of one that dies after the one in its place calls the front once", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    void fake.pool.replaceAll("signal");
    await fake.comeUp();
    nth(fake, 2).end("exited with code 3");
    await fake.settle();
    nth(fake, 1).end("exited with code 3");
    await fake.settle();
    assertEquals(fake.allDown, 1);
    assertEquals(fake.of("restarting").length, 1);
  });
});

describe("the end", () => {
  test("lets each finish, with how that went, also those that retire", async () => {
    const fake = await FakePool.serving();
    void fake.pool.replaceAll("signal");
    await fake.comeUp();
    fake.leaving.get(nth(fake, 1))?.();
    await fake.settle();
    fake.service.abort(0);
    await fake.settle();
    fake.pool.drain();
    const stopped = fake.pool.stop(20_000);
    await fake.settle();
    assertEquals(pids(fake.alive.filter(({ isStopping }) => isStopping)), [1, 2, 3]);
    assert(fake.alive.every(({ told }) => told.includes("drain")));
    nth(fake, 1).finish({ cut: 1 });
    nth(fake, 2).finish({ cut: 0 });
    nth(fake, 3).finish({ cut: 5 });
    assertEquals(await stopped, [{ cut: 1 }, { cut: 0 }, { cut: 5 }]);
    // Of the one that retired the service reports with the others, once.
    assertEquals(fake.of("retired"), []);
    assertEquals(fake.of("died"), []);
  });

  test("is none that one that was being started could miss, or could be counted in", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    void fake.pool.replaceAll("signal");
    await fake.settle();
    nth(fake, 2).diesLate = true;
    fake.service.abort(0);
    await fake.settle();
    assertEquals(nth(fake, 2).told, ["kill"]);
    assertEquals(fake.pool.retiring, []);
    fake.pool.drain();
    const stopped = outcome(fake.pool.stop(20_000));
    await fake.settle();
    nth(fake, 1).finish();
    await fake.settle();
    assertEquals(nth(fake, 2).told, ["kill"]);
    // But it is waited for.
    assertEquals(stopped.of, undefined);
    nth(fake, 2).end("was killed by SIGKILL");
    await fake.settle();
    assertEquals(stopped.of, "resolved");
    assertEquals(fake.of("died"), []);
  });

  test("comes to one that retires with all others, not before", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    const replaced = outcome(fake.pool.replaceAll("signal"));
    await fake.comeUp();
    fake.service.abort(0);
    await fake.settle();
    assertFalse(nth(fake, 1).told.includes("stop"));
    assertEquals(replaced.of, "resolved");
  });

  test("is one that all are told of", async () => {
    const fake = await FakePool.serving({ workers: 1 });
    void fake.pool.replaceAll("signal");
    await fake.comeUp();
    void fake.pool.replaceAll("signal");
    await fake.settle();
    fake.pool.signal("SIGUSR1");
    assertEquals(fake.workers.map(({ told }) => told.includes("SIGUSR1")), [true, true]);
    // One that loads could not listen to it yet, and would die of it.
    fake.leaving.get(nth(fake, 1))?.();
    await fake.settle();
    nth(fake, 1).finish();
    await fake.settle();
    assertEquals(pids(fake.loading), [3]);
    fake.pool.signal("SIGUSR2");
    assertEquals(fake.workers.map(({ told }) => told.includes("SIGUSR2")), [false, true, false]);
    const ended = outcome(fake.pool.allEnded());
    await fake.settle();
    assertEquals(ended.of, undefined);
    fake.service.abort(130);
    nth(fake, 2).diesLate = true;
    const killed = outcome(fake.pool.kill());
    await fake.settle();
    assertEquals([ended.of, killed.of], [undefined, undefined]);
    nth(fake, 2).end("was killed by SIGKILL");
    await fake.settle();
    assertEquals([ended.of, killed.of], ["resolved", "resolved"]);
    assertEquals(fake.of("gone").length, fake.workers.length);
    assertEquals(fake.of("died"), []);
  });
});

describe("Superseded", () => {
  test("says what happened", () => {
    assertEquals(new Superseded().message, "another start has taken its place");
  });
});
