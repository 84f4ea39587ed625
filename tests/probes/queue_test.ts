import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { KernelQueue } from "../../src/probes/kernel_queue.ts";
import { type QueuedWorker, RequestQueue } from "../../src/probes/queue.ts";
import { overdueAfter, standsStillAfter } from "../../src/timeline.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eventually, pause } from "../support/wait.ts";

function worker(port: number, inFlight: number, silence = 0) {
  let asked = 0;
  const worker: QueuedWorker & { readonly asked: number } = {
    address: { port },
    snapshot: { inFlight, loopDelay: 0 },
    silence,
    refresh: () => (asked++, Promise.resolve()),
    get asked() {
      return asked;
    },
  };
  return worker;
}

async function lengthOf(workers: QueuedWorker[]): Promise<number> {
  return (await new RequestQueue().read(workers)).length;
}

/** A kernel's tables: listeners with connections not accepted, and connections not read. */
function tables(dir: TempDir, unaccepted: number[], unread: number): KernelQueue {
  const row = (state: string, waiting: number, inode: number) =>
    `0: 0:1F40 0:0 ${state} 0:${waiting.toString(16)} 0:0 0 1000 0 ${inode}\n`;
  const connections = Array.from({ length: unread }, (_, index) => row("01", 9, index + 1));
  const listeners = unaccepted.map((count) => row("0A", count, 99));
  dir.file("tcp", ["heading\n", ...listeners, ...connections].join(""));
  return new KernelQueue(dir.path);
}

describe("RequestQueue", () => {
  test("is empty without workers", async () => {
    assertEquals(await lengthOf([]), 0);
  });

  test("adds up what the workers have in flight, after asking each of them", async () => {
    const workers = [worker(1, 3), worker(1, 4), worker(2, 0)];
    assertEquals(await lengthOf(workers), 7);
    assertEquals(workers.map(({ asked }) => asked), [1, 1, 1]);
  });

  test("does not wait for one whose sign of life is overdue", async () => {
    const workers = [worker(1, 3, overdueAfter), worker(1, 4, overdueAfter + 1)];
    assertEquals(await lengthOf(workers), 7);
    assertEquals(workers.map(({ asked }) => asked), [1, 0]);
  });

  test("leaves to --max-wait what the kernel holds, while the loops turn", async () => {
    using dir = new TempDir();
    const readWith = (...silences: number[]) =>
      new RequestQueue(tables(dir, [4, 6], 5), true).read(
        silences.map((ms) => worker(8000, 1, ms)),
      );
    assertEquals(await readWith(0, 0), { length: 2, handler: 2, kernel: 10 });
    assertEquals((await readWith(0, standsStillAfter)).length, 2);
    assertEquals(await readWith(0, standsStillAfter + 1), { length: 17, handler: 2, kernel: 15 });
  });

  test("adds what the kernel holds: unread requests while a loop stands still", async () => {
    using dir = new TempDir();
    const readWith = (...silences: number[]) =>
      new RequestQueue(tables(dir, [4, 6], 5)).read(silences.map((ms) => worker(8000, 1, ms)));
    assertEquals(await readWith(0, 0), { length: 12, handler: 2, kernel: 10 });
    assertEquals((await readWith(0, standsStillAfter)).length, 12);
    // Each worker has a listening socket; a connection counts once.
    assertEquals(await readWith(0, standsStillAfter + 1), { length: 17, handler: 2, kernel: 15 });
  });

  test("lets a count of unread requests stand for a moment, and no longer", async () => {
    using dir = new TempDir();
    const queue = new RequestQueue(tables(dir, [0], 5));
    const length = async () => (await queue.read([worker(8000, 0, standsStillAfter + 1)])).length;
    assertEquals(await length(), 5);
    tables(dir, [0], 3);
    await eventually("the new count", async () => await length() === 3);
  });

  test("counts what is in flight where the kernel does not tell, and says so once", async () => {
    using dir = new TempDir();
    using log = new CapturedLog();
    const queue = new RequestQueue(new KernelQueue(dir.path));
    for (let times = 0; times < 2; times++) {
      const read = await queue.read([worker(8000, 4, standsStillAfter + 1)]);
      assertEquals(read, { length: 4, handler: 4, kernel: undefined });
    }
    assertEquals(log.levels, ["warn"]);
    assertStringIncludes(log.text, "/proc/net/tcp cannot be read");
  });

  test("reads the counters after the answer, not before", async () => {
    const late = { ...worker(1, 0), snapshot: { inFlight: 0, loopDelay: 0 } };
    late.refresh = async () => {
      await pause(1);
      late.snapshot.inFlight = 5;
    };
    assertEquals(await lengthOf([late]), 5);
  });

  test("asks all workers at once", async () => {
    const gate = Promise.withResolvers<void>();
    const first = { ...worker(1, 1), refresh: () => gate.promise };
    const second = { ...worker(1, 1), refresh: () => (gate.resolve(), gate.promise) };
    assertEquals(await lengthOf([first, second]), 2);
  });
});
