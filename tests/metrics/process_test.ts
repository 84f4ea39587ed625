import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, test } from "node:test";
import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  ProcessMetrics,
  type ProcessReading,
  wantedCpuSeconds,
} from "../../src/metrics/process.ts";
import { eventually } from "../support/wait.ts";

const linux = process.platform === "linux";

/** A tree like `/proc`, for what real processes do not do when they are asked to. */
class ProcTree {
  readonly root = mkdtempSync(join(tmpdir(), "proc-"));

  constructor() {
    writeFileSync(join(this.root, "stat"), "cpu  1 2 3 4\nbtime 1700000000\nprocesses 7\n");
  }

  add(
    pid: number,
    { user = 0, system = 0, start = 0, rss = 0, size = 0, fds = 0, limit = "1024", comm = "app" },
  ): void {
    const dir = join(this.root, `${pid}`);
    this.remove(pid);
    mkdirSync(join(dir, "fd"), { recursive: true });
    const fields = ["S", ...new Array<number>(30).fill(7)];
    // Numbers 14, 15 and 22 of proc_pid_stat(5), which counts from 1; the state is number 3.
    fields[14 - 3] = user;
    fields[15 - 3] = system;
    fields[22 - 3] = start;
    writeFileSync(join(dir, "stat"), `${pid} (${comm}) ${fields.join(" ")}\n`);
    writeFileSync(join(dir, "status"), `Name:\tapp\nVmSize:\t${size} kB\nVmRSS:\t  ${rss} kB\n`);
    writeFileSync(
      join(dir, "limits"),
      `Limit                     Soft Limit           Hard Limit           Units     \n` +
        `Max open files            ${limit.padEnd(20)} 524288               files     \n`,
    );
    for (let fd = 0; fd < fds; fd++) writeFileSync(join(dir, "fd", `${fd}`), "");
  }

  remove(pid: number): void {
    rmSync(join(this.root, `${pid}`), { recursive: true, force: true });
  }
}

function isOpen(fd: number): boolean {
  return lstatSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false }) !== undefined;
}

function cpu(reading: ProcessReading): [user: number, system: number] {
  return [reading.cpuUserSeconds, reading.cpuSystemSeconds];
}

describe("ProcessMetrics on a tree like /proc", () => {
  let proc: ProcTree;
  let metrics: ProcessMetrics;

  beforeEach(() => {
    proc = new ProcTree();
    metrics = new ProcessMetrics(proc.root);
  });
  afterEach(() => rmSync(proc.root, { recursive: true }));

  test("sums over the processes; the start is the first's, the limit the smallest", () => {
    proc.add(10, { user: 150, system: 25, start: 4250, rss: 1000, size: 3000, fds: 4 });
    proc.add(11, { user: 250, system: 75, start: 100, rss: 24, size: 72, fds: 3, limit: "512" });
    assertEquals(metrics.read([10, 11]), {
      cpuUserSeconds: 4,
      cpuSystemSeconds: 1,
      residentBytes: 1024 * 1024,
      virtualBytes: 3072 * 1024,
      startTimeSeconds: 1700000042.5,
      openFds: 7,
      maxFds: 512,
    });
  });

  test("no limit is no smallest limit", () => {
    proc.add(10, { limit: "unlimited" });
    assertEquals(metrics.read([10]).maxFds, undefined);
    proc.add(11, { limit: "512" });
    assertEquals(metrics.read([10, 11]).maxFds, 512);
  });

  test("a process may be called anything", () => {
    proc.add(10, { user: 100, system: 200, comm: ") R 1 (a b" });
    assertEquals(cpu(metrics.read([10])), [1, 2]);
  });

  test("a process that has vanished is left out, but not the CPU time it had used", () => {
    proc.add(10, { user: 100, rss: 8, fds: 2 });
    proc.add(11, { user: 300, system: 50, rss: 8, fds: 2 });
    metrics.read([10, 11]);
    proc.remove(11);
    const reading = metrics.read([10, 11]);
    assertEquals(cpu(reading), [4, 0.5]);
    assertEquals([reading.residentBytes, reading.openFds], [8192, 2]);
    assertEquals(cpu(metrics.read([10])), [4, 0.5]);
  });

  test("the CPU time of a process that is no longer asked for stays", () => {
    proc.add(10, { user: 100 });
    proc.add(11, { user: 300 });
    metrics.read([10, 11]);
    proc.add(12, { user: 10, start: 5 });
    assertEquals(cpu(metrics.read([10, 12])), [4.1, 0]);
    assertEquals(cpu(metrics.read([10, 12])), [4.1, 0]);
  });

  test("a pid that was given to another process counts anew", () => {
    proc.add(10, { user: 500, start: 1 });
    metrics.read([10]);
    proc.add(10, { user: 20, start: 2 });
    assertEquals(cpu(metrics.read([10])), [5.2, 0]);
    proc.add(10, { user: 30, start: 2 });
    assertEquals(cpu(metrics.read([10])), [5.3, 0]);
  });

  test("the start time stays when the first process is gone", () => {
    proc.add(10, { start: 100 });
    metrics.read([10]);
    proc.remove(10);
    assertEquals(metrics.read([10]).startTimeSeconds, 1700000001);
  });

  test("no process at all is no error", () => {
    assertEquals(metrics.read([10]), metrics.read([]));
    assertEquals(metrics.read([]).startTimeSeconds, undefined);
  });
});

describe("ProcessMetrics on the real system", { skip: !linux }, () => {
  let child: ChildProcess;
  let pid: number;
  let spawnedAt: number;

  beforeEach(async () => {
    spawnedAt = Date.now() / 1000;
    // It has used some CPU time when it says so.
    const script = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo; read _";
    child = spawn("/bin/sh", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
    pid = child.pid!;
    await once(child.stdout!, "data");
  });
  afterEach(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  test("adds a child's share to its own", () => {
    const own = new ProcessMetrics().read([process.pid]);
    const both = new ProcessMetrics().read([process.pid, pid]);
    assertGreater(new ProcessMetrics().read([pid]).residentBytes, 0);
    assertGreater(both.virtualBytes!, own.virtualBytes!);
    assertGreater(both.openFds!, own.openFds!);
    assertGreater(both.maxFds!, both.openFds!);
    assertEquals(both.startTimeSeconds, own.startTimeSeconds);
  });

  test("knows when a process started", () => {
    const [child, own] = [pid, process.pid].map((pid) =>
      new ProcessMetrics().read([pid]).startTimeSeconds!
    );
    // The kernel tells its own start, to which the times of processes relate, in whole seconds.
    const [earliest, latest] = [spawnedAt - 2, Date.now() / 1000 + 2];
    assert(earliest < child! && child! < latest, `${child} is not in ${earliest} to ${latest}`);
    assertGreater(child!, own!);
  });

  test("keeps the CPU time of a child that was killed", async () => {
    const metrics = new ProcessMetrics();
    const before = metrics.read([pid]);
    assertGreater(before.cpuUserSeconds, 0);
    child.kill("SIGKILL");
    await once(child, "exit");
    const after = metrics.read([pid]);
    assertEquals(cpu(after), cpu(before));
    assertEquals([after.residentBytes, after.openFds], [0, 0]);
  });

  test("counts its own open files, and not the one it counts with", () => {
    const count = () => new ProcessMetrics().read([process.pid]).openFds!;
    const before = count();
    // A descriptor that is gone right after it was listed is the one that did it.
    const listed = readdirSync("/proc/self/fd").filter((fd) => isOpen(Number(fd)));
    assertEquals(before, listed.length);
    const fds = [1, 2, 3].map(() => openSync("/dev/null", "r"));
    const during = count();
    for (const fd of fds) closeSync(fd);
    assertEquals([during, count()], [before + 3, before]);
  });

  test("a process that may not be looked into makes the number of open files unknown", (t) => {
    if (process.getuid?.() === 0) {
      t.diagnostic("skipped: root may look into every process");
      t.skip();
      return;
    }
    const reading = new ProcessMetrics().read([process.pid, 1]);
    assertEquals(reading.openFds, undefined);
    assertGreater(reading.residentBytes, 0);
  });
});

test("without /proc it tells of its own process", () => {
  const reading = new ProcessMetrics("/nowhere").read([1, 2, 3]);
  assertGreater(reading.cpuUserSeconds + reading.cpuSystemSeconds, 0);
  assertGreater(reading.residentBytes, 1e6);
  assertGreater(2, Math.abs(Date.now() / 1000 - process.uptime() - reading.startTimeSeconds!));
  assertEquals([reading.virtualBytes, reading.openFds, reading.maxFds], [
    undefined,
    undefined,
    undefined,
  ]);
});

test("a process that computes wants a CPU all the time, and one that is gone none", {
  skip: process.platform !== "linux",
}, async () => {
  const child = spawn("sh", ["-c", "while :; do :; done"]);
  const pid = child.pid ?? 0;
  try {
    await eventually("a second", () => (wantedCpuSeconds(pid) ?? 0) > 1);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  assertEquals(wantedCpuSeconds(pid), undefined);
});
