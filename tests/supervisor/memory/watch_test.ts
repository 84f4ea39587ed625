import { afterEach, beforeEach, describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertGreater, assertMatch } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { heldBytes } from "../../../src/metrics/process.ts";
import { MemoryCgroup } from "../../../src/supervisor/memory/cgroup.ts";
import { heldByGroups } from "../../../src/supervisor/memory/groups.ts";
import { workerShare } from "../../../src/supervisor/memory/share.ts";
import { MemoryWatch } from "../../../src/supervisor/memory/watch.ts";
import type { Worker } from "../../../src/supervisor/workers/worker.ts";
import { CapturedLog } from "../../support/captured_log.ts";
import { eventually } from "../../support/wait.ts";

const mb = 2 ** 20;
const folder = "/sys/fs/cgroup";

/** A cgroup whose files are written by the test. */
class FakeCgroup {
  readonly cgroup: MemoryCgroup;
  readonly #files: Record<string, string> = {
    "/proc/self/cgroup": "0::/",
    "/proc/self/mountinfo": `31 23 0:28 / ${folder} ro - cgroup2 cgroup rw`,
  };

  constructor(megabytes: number) {
    this.set("memory.max", megabytes * mb);
    this.set("memory.current", 50 * mb);
    const cgroup = MemoryCgroup.own((path) => this.#files[path]);
    assert(cgroup);
    this.cgroup = cgroup;
  }

  set(name: string, value: number | string): void {
    this.#files[`${folder}/${name}`] = String(value);
  }
}

/** What a fat one holds. */
const fat = 60 * mb;

/** A process that holds little; it leads its group, as a worker does. */
class FakeWorker {
  readonly snapshot = { answered: 0 };
  readonly exit: Promise<unknown>;
  readonly #child: ChildProcess;

  constructor(command: string) {
    this.#child = spawn("sh", ["-c", command], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.exit = once(this.#child, "exit");
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** `tail` keeps a line until it has ended. In pieces, for this process is not to grow. */
  async fatten(): Promise<void> {
    const piece = new Uint8Array(mb);
    for (let written = 0; written < fat; written += piece.length) {
      await new Promise((resolve) => this.#child.stdin?.write(piece, resolve));
    }
  }

  kill(): void {
    process.kill(-this.pid, "SIGKILL");
  }
}

/** One that grows by itself when it is fattened, and one that has two others for that. */
const alone = "exec tail";
const withChildren = "{ tee /dev/stderr | tail; } 2>&1 | tail; :";

/** A pool of them that remembers who was condemned. */
class FakePool {
  readonly workers: FakeWorker[];
  readonly condemned: [FakeWorker, string, string][] = [];
  tells = true;
  /** Does one that is condemned die of it at once? */
  kills = true;

  constructor(...commands: string[]) {
    this.workers = commands.map((command) => new FakeWorker(command));
    for (const worker of [...this.workers]) {
      worker.exit.then(() => this.workers.splice(this.workers.indexOf(worker), 1));
    }
  }

  get serving(): Worker[] {
    return this.workers as unknown as Worker[];
  }

  get alive(): Worker[] {
    return this.serving;
  }

  condemn(worker: Worker, why: string, detail: string): boolean {
    const fake = worker as unknown as FakeWorker;
    this.condemned.push([fake, why, detail]);
    if (this.kills) fake.kill();
    return this.tells;
  }

  /** Has one of them grow. */
  async fatten(index = 0, expected = fat): Promise<FakeWorker> {
    const worker = this.workers[index];
    assert(worker);
    await worker.fatten();
    await eventually("its memory", () => (heldByGroups().get(worker.pid) ?? 0) >= expected);
    return worker;
  }
}

describe("memory", { skip: process.platform !== "linux" }, () => {
  let log: CapturedLog;
  let pool: FakePool;
  let watch: MemoryWatch | undefined;
  beforeEach(() => {
    log = new CapturedLog();
  });
  afterEach(() => {
    watch?.close();
    for (const worker of pool.workers) worker.kill();
    log[Symbol.dispose]();
  });

  const watching = (
    fake: FakeCgroup,
    workers = 1,
    maxMemory: number | "auto" = "auto",
    pump?: { pid: number | undefined },
  ): MemoryWatch => watch = new MemoryWatch(pool, fake.cgroup, { workers, maxMemory }, pump);

  test("that the limit leaves is said once all serve, and again when it changes", async () => {
    pool = new FakePool(alone);
    const fake = new FakeCgroup(2048);
    const watch = watching(fake);
    assertEquals(log.messages, []);
    watch.serving();
    assertMatch(
      log.text,
      /^info the memory limit is 2048mb: a worker that has more than \d+mb is replaced /,
    );
    fake.set("memory.max", 1024 * mb);
    await log.logged(/^the memory limit is now 1024mb: a worker that has more than \d+mb is/);
    fake.set("memory.max", "max");
    await log.logged(/^memory is no longer limited$/);
    assertEquals(log.messages.length, 3);
    assertEquals(pool.serving.map((worker) => watch.outgrown(worker)), [undefined]);
  });

  test("that is too little to replace anybody is warned of", () => {
    pool = new FakePool(alone);
    watching(new FakeCgroup(40), 2).serving();
    assertMatch(
      log.text,
      /^warn the memory limit is 40mb, which leaves no room to replace .* killed above 32mb in all, .* fewer --workers /,
    );
  });

  test("that --max-memory may take, and is not there, is warned of", () => {
    pool = new FakePool(alone);
    const fake = new FakeCgroup(512);
    watching(fake, 1, 224 * mb).serving();
    assertEquals(log.text, "");
    watch?.close();
    fake.set("memory.oom.group", 1);
    watching(fake, 1, 225 * mb).serving();
    assertMatch(
      log.text,
      /^warn the memory limit is 512mb, and 2 processes of --max-memory .* take 514mb; above the limit the kernel kills all of them /,
    );
  });

  test("that the pump of messages has is no worker's, and may come and go", async () => {
    pool = new FakePool(alone, alone);
    const taker = await pool.fatten(1);
    pool.workers.pop();
    const pump: { pid: number | undefined } = { pid: undefined };
    const limited = new FakeCgroup(512);
    const said = (): number => {
      log.clear();
      watch?.close();
      watching(limited, 1, "auto", pump).serving();
      return Number(/more than (\d+)mb is replaced/.exec(log.text)?.[1]);
    };
    const without = said();
    pump.pid = taker.pid;
    assertGreater(without - said(), fat / mb / 2);
    pool.workers.push(taker);
  });

  test("that --max-memory may take with what takes messages, and is not there", () => {
    pool = new FakePool(alone);
    const fake = new FakeCgroup(512);
    const pump = { pid: undefined };
    watching(fake, 1, 128 * mb, pump).serving();
    assertEquals(log.text, "");
    watch?.close();
    watching(fake, 1, 129 * mb, pump).serving();
    assertMatch(log.text, /the supervisor and what takes messages may take 514mb; above/);
  });

  test("that a worker has outgrown is a reason to replace it", async () => {
    pool = new FakePool(alone);
    const own = heldBytes(process.pid) ?? 0;
    const shareOf = (limit: number) =>
      workerShare({ limit: limit * mb, workers: 1, own, start: mb }) ?? 0;
    let limit = 64;
    while (shareOf(limit) < 45 * mb) limit++;
    const watch = watching(new FakeCgroup(limit));
    watch.serving();
    const [worker] = pool.serving;
    assert(worker);
    assertEquals(watch.outgrown(worker), undefined);
    await pool.fatten();
    assertMatch(
      watch.outgrown(worker) ?? "",
      new RegExp(
        `^has 6\\dmb of memory after 0 requests, and its share of the limit of ${limit}mb is \\d\\dmb$`,
      ),
    );
    assertEquals(pool.condemned, []);
  });

  test("that is about to be used up costs the largest worker its life, and its processes", async () => {
    pool = new FakePool(alone, withChildren, alone);
    pool.kills = false;
    const largest = await pool.fatten(1, 2 * fat);
    const fake = new FakeCgroup(256);
    watching(fake, 3);
    fake.set("memory.current", 231 * mb);
    // It has looked again by then.
    fake.set("memory.events", "oom_kill 1");
    await log.logged(/^the kernel has killed a process: the memory limit of 256mb was reached$/);
    assertEquals(pool.condemned, []);
    fake.set("memory.current", 249 * mb);
    await eventually("somebody to be killed", () => pool.condemned.length > 0);
    const [[worker, why, detail] = []] = pool.condemned;
    assert(worker === largest);
    assertEquals(why, "memory");
    assertMatch(
      detail ?? "",
      /^is killed: 249mb of the memory limit of 256mb are in use, and it has the most, 1[23]\dmb$/,
    );
    // Its memory comes back before it is gone: nobody else is in the way then.
    fake.set("memory.current", 100 * mb);
    largest.kill();
    await largest.exit;
    assertEquals(pool.condemned.length, 1, log.text);
    assertEquals(log.messages.filter((line) => /killed/.test(line)).length, 1, log.text);
  });

  test("is given time to come back before another worker is killed", async () => {
    pool = new FakePool(alone, alone);
    pool.kills = false;
    await pool.fatten(0);
    await pool.fatten(1);
    const fake = new FakeCgroup(128);
    watching(fake, 2);
    fake.set("memory.current", 127 * mb);
    await eventually("somebody to be killed", () => pool.condemned.length > 0);
    // It has looked again by then.
    fake.set("memory.events", "oom_kill 1");
    await log.logged(/^the kernel has killed a process/);
    assertEquals(pool.condemned.length, 1);
    pool.condemned[0]?.[0].kill();
    await eventually("the other one to be killed", () => pool.condemned.length > 1);
    assert(pool.condemned[0]?.[0] !== pool.condemned[1]?.[0]);
  });

  test("that a worker uses up before it serves is said here", async () => {
    pool = new FakePool(alone);
    pool.tells = false;
    await pool.fatten();
    const fake = new FakeCgroup(64);
    watching(fake);
    fake.set("memory.current", 63 * mb);
    await log.logged(/^the handler's process is killed: 63mb of the memory limit of 64mb/);
  });

  test("that is used up by others costs no worker that keeps to its share", async () => {
    pool = new FakePool(alone);
    const fake = new FakeCgroup(8192);
    watching(fake).serving();
    log.clear();
    fake.set("memory.current", 8190 * mb);
    await log.logged(/^8190mb of the memory limit of 8192mb are in use, though no process/);
    assertEquals(pool.condemned, []);
    assertFalse(log.levels.includes("error"));
  });

  test("of files is not what counts", async () => {
    pool = new FakePool(alone);
    await pool.fatten();
    const fake = new FakeCgroup(64);
    fake.set("memory.stat", `inactive_file ${30 * mb}\nactive_file ${20 * mb}`);
    watching(fake);
    fake.set("memory.current", 64 * mb);
    // It has looked again by then.
    fake.set("memory.events", "oom_kill 1");
    await log.logged(/^the kernel has killed a process: the memory limit of 64mb was reached$/);
    assertEquals(pool.condemned, []);
  });
});
