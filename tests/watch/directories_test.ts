import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { Directories } from "../../src/watch/directories.ts";
import { TempDir } from "../support/temp_dir.ts";
import { Feed, pause } from "../support/wait.ts";

/** Directories of a folder that are watched, and what was told of them. */
class Watched implements Disposable {
  readonly dir = new TempDir();
  readonly changed = new Feed<string>();
  readonly directories = new Directories({
    changed: (path) => this.changed.push(path.slice(this.dir.path.length)),
    unwatchable: (reason) => this.changed.push(reason),
  });

  constructor(...directories: string[]) {
    this.watch(...directories);
  }

  path(path: string): string {
    return join(this.dir.path, path);
  }

  watch(...directories: string[]): void {
    this.directories.watch(directories.map((directory) => this.path(directory)));
  }

  /** Writes a file until it is told of: a watch that has been lost takes a moment to be back. */
  async toldOf(file: string): Promise<void> {
    this.changed.items.length = 0;
    const writing = setInterval(() => this.dir.file(file, ""), 20);
    try {
      await this.changed.until(`a change of ${file}`, (path) => path === `/${file}`);
    } finally {
      clearInterval(writing);
    }
  }

  [Symbol.dispose](): void {
    this.directories.close();
    this.dir[Symbol.dispose]();
  }
}

describe("Directories", () => {
  test("tell of what is in them, not of what is below", async () => {
    using watched = new Watched();
    mkdirSync(watched.path("a/b"), { recursive: true });
    watched.watch("a");
    watched.dir.file("a/b/below", "");
    watched.dir.file("a/last", "");
    await watched.changed.until("the last", (path) => path === "/a/last");
    assertFalse(watched.changed.items.some((path) => path.includes("below")));
  });

  test("are waited for while they do not exist", async () => {
    using watched = new Watched("a/b/c");
    mkdirSync(watched.path("a"));
    await pause(5);
    mkdirSync(watched.path("a/b/c"), { recursive: true });
    await watched.toldOf("a/b/c/x");
  });

  const ways: Record<string, (path: string) => unknown> = {
    "deleted and made again": (path) => {
      rmSync(path, { recursive: true });
      mkdirSync(join(path, "c"), { recursive: true });
    },
    "deleted and made again later": async (path) => {
      rmSync(path, { recursive: true });
      await pause(50);
      mkdirSync(join(path, "c"), { recursive: true });
    },
    "moved away and back": (path) => {
      renameSync(path, `${path}2`);
      renameSync(`${path}2`, path);
    },
    "moved away and back later": async (path) => {
      renameSync(path, `${path}2`);
      await pause(50);
      renameSync(`${path}2`, path);
    },
    "moved away, and another made": (path) => {
      renameSync(path, `${path}2`);
      mkdirSync(join(path, "c"), { recursive: true });
    },
    "replaced by another": (path) => {
      mkdirSync(join(`${path}2`, "c"), { recursive: true });
      renameSync(path, `${path}3`);
      renameSync(`${path}2`, path);
    },
  };
  for (const [name, change] of Object.entries(ways)) {
    for (const which of ["a/b/c", "a/b"]) {
      test(`are watched anew: ${which} ${name}`, async () => {
        using watched = new Watched();
        mkdirSync(watched.path("a/b/c"), { recursive: true });
        watched.watch("a/b/c");
        await watched.toldOf("a/b/c/x");
        for (let times = 0; times < 3; times++) {
          await change(watched.path(which));
          mkdirSync(watched.path("a/b/c"), { recursive: true });
          await watched.toldOf(`a/b/c/x${times}`);
          for (const left of ["2", "3"]) {
            rmSync(watched.path(which + left), { recursive: true, force: true });
          }
        }
      });
    }
  }

  test("are exchanged for others", async () => {
    using watched = new Watched();
    for (const name of ["a", "b"]) mkdirSync(watched.path(name));
    watched.watch("a");
    await watched.toldOf("a/x");
    watched.watch("b");
    await watched.toldOf("b/x");
    assert(watched.directories.leadsToOne(watched.dir.path));
    assert(watched.directories.leadsToOne(watched.path("b")));
    assertFalse(watched.directories.leadsToOne(watched.path("a")));
  });

  test("are many without trouble", async () => {
    using watched = new Watched();
    const names = Array.from({ length: 100 }, (_, number) => `d${number}`);
    for (const name of names) mkdirSync(watched.path(name));
    watched.watch(...names);
    for (const name of names) watched.dir.file(`${name}/x`, "");
    for (const name of names) {
      await watched.changed.until(`a change in ${name}`, (path) => path === `/${name}/x`);
    }
    assertEquals(watched.changed.items.filter((path) => path.includes(":")), []);
  });
});
