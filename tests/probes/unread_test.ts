import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { KernelQueue } from "../../src/probes/kernel_queue.ts";
import { UnreadRequests } from "../../src/probes/unread.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eventually } from "../support/wait.ts";

const ports = [{ port: 8000, sockets: 1 }];

function table(unread: number): string {
  const row = (state: string, waiting: number, inode: number) =>
    `0: 0:1F40 0:0 ${state} 0:${waiting} 0:0 0 1000 0 ${inode}\n`;
  const connections = Array.from({ length: unread }, (_, index) => row("01", 9, index + 1));
  return ["heading\n", row("0A", 0, 99), ...connections].join("");
}

/** Counts in a table of its own, which the kernel's port is found in already. */
function counted(dir: TempDir, unread: number): UnreadRequests {
  dir.file("tcp", table(unread));
  const kernel = new KernelQueue(dir.path);
  for (const port of ports) kernel.unaccepted(port);
  return new UnreadRequests(kernel);
}

/** A pipe that somebody reads, opened for writing; without a reader it refuses. */
function openToReader(pipe: string): number | undefined {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

describe("UnreadRequests", () => {
  test("answers with the last count while the next one is under way", async () => {
    using dir = new TempDir();
    const requests = counted(dir, 5);
    assertEquals(await requests.count(ports), 5);
    // A pipe in the table's place is read for as long as nobody has written to it.
    const path = join(dir.path, "tcp");
    rmSync(path);
    execFileSync("mkfifo", [path]);
    const answers = new Set<number>();
    const pipe = await eventually("that it is read again", async () => {
      answers.add(await requests.count(ports));
      return openToReader(path);
    });
    answers.add(await requests.count(ports));
    assertEquals([...answers], [5]);
    rmSync(path);
    dir.file("tcp", table(3));
    writeSync(pipe, table(4));
    closeSync(pipe);
    await eventually("the new count", async () => await requests.count(ports) !== 5);
    await eventually("the one after it", async () => await requests.count(ports) === 3);
  });

  test("counts anew once the last count is dropped", async () => {
    using dir = new TempDir();
    const requests = counted(dir, 5);
    assertEquals(await requests.count(ports), 5);
    dir.file("tcp", table(3));
    assertEquals(await requests.count(ports), 5);
    requests.forget();
    assertEquals(await requests.count(ports), 3);
  });

  test("is known early where it was begun early", async () => {
    using dir = new TempDir();
    const requests = counted(dir, 5);
    requests.begin(ports);
    assertEquals(await requests.count(ports), 5);
  });

  test("fails where the table is gone, and says so where nobody waits", async () => {
    using dir = new TempDir();
    using log = new CapturedLog();
    const requests = counted(dir, 5);
    rmSync(join(dir.path, "tcp"));
    await assertRejects(() => requests.count(ports), Error, "/tcp'");
    assertStringIncludes(log.text, "unread requests cannot be counted: ");
  });
});
