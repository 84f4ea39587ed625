import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { spawnSync } from "node:child_process";
import { chmodSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { openWithin } from "../../../src/app/static/open.ts";
import { CapturedLog } from "../../support/captured_log.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { layFiles, openFiles } from "./served.ts";

/** The path of what was opened in the folder, below it; the file is closed again. */
async function opened(folder: string, name: string): Promise<string | undefined> {
  const file = await openWithin(folder, join(folder, name));
  await file?.handle.close();
  return file?.path;
}

describe("openWithin", () => {
  test("opens a file, and tells its size and its last change", async () => {
    using dir = new TempDir();
    const folder = layFiles(dir);
    utimesSync(join(folder, "a.txt"), 1e9, 1e9);
    const file = await openWithin(folder, join(folder, "a.txt"));
    assert(file !== undefined);
    assertEquals([file.path, file.size, file.modified], [join(folder, "a.txt"), 10, 1e12]);
    assertEquals(openFiles(folder), [file.path]);
    await file.handle.close();
    assertEquals(openFiles(folder), []);
  });

  const names: Record<string, string | undefined> = {
    "sub/b.html": "sub/b.html",
    "in": "a.txt",
    "sub/up": "a.txt",
    "out": undefined,
    "absolute": undefined,
    "parent/secret.txt": undefined,
    "parent/public/a.txt": "a.txt",
    "evil/secret.txt": undefined,
    "../public-evil/secret.txt": undefined,
    "../secret.txt": undefined,
    "dangling": undefined,
    "loop": undefined,
    "missing": undefined,
    "missing/a.txt": undefined,
    "a.txt/": undefined,
    "a.txt/b": undefined,
    "sub": undefined,
    "": undefined,
    [`${"x".repeat(300)}`]: undefined,
    [`${"x/".repeat(3000)}`]: undefined,
  };
  for (const [name, found] of Object.entries(names)) {
    const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
    test(`finds ${found ?? "nothing"} at ${JSON.stringify(shown)}`, async () => {
      using dir = new TempDir();
      const folder = layFiles(dir);
      const path = found === undefined ? undefined : join(folder, found);
      assertEquals(await opened(folder, name), path);
      assertEquals(openFiles(folder), []);
    });
  }

  test("does not wait for the other end of a pipe", async () => {
    using dir = new TempDir();
    assertEquals(spawnSync("mkfifo", [join(dir.path, "pipe")]).status, 0);
    assertEquals(await opened(dir.path, "pipe"), undefined);
  });

  test("follows the directory where that is a link, and is laid anew", async () => {
    using dir = new TempDir();
    const [old, next] = [dir.file("1/a.txt", "1"), dir.file("2/a.txt", "2")];
    const current = join(dir.path, "current");
    symlinkSync("1", current);
    assertEquals(await opened(current, "a.txt"), old);
    symlinkSync("2", `${current}.new`);
    renameSync(`${current}.new`, current);
    assertEquals(await opened(current, "a.txt"), next);
    rmSync(current);
    assertEquals(await opened(current, "a.txt"), undefined);
  });

  test("finds files as Kubernetes lays those of a ConfigMap", async () => {
    using dir = new TempDir();
    const file = dir.file("..2026_11_23/a.txt", "a");
    symlinkSync("..2026_11_23", join(dir.path, "..data"));
    symlinkSync("..data/a.txt", join(dir.path, "a.txt"));
    assertEquals(await opened(dir.path, "a.txt"), file);
  });

  test("serves the root directory, too", async () => {
    using dir = new TempDir();
    const file = dir.file("a.txt", "a");
    assertEquals(await opened("/", file), file);
  });

  const asRoot = process.getuid?.() === 0;
  if (asRoot) console.info("skipped: a file that may not be read: this is root");
  test("says so where a file may not be read", { skip: asRoot }, async () => {
    using dir = new TempDir();
    using log = new CapturedLog();
    chmodSync(dir.file("a.txt", "a"), 0);
    assertEquals(await opened(dir.path, "a.txt"), undefined);
    assertEquals(log.levels, ["warn"]);
    assertMatch(log.messages[0] ?? "", /a\.txt is not served: it may not be read \(EACCES\)/);
  });
});
