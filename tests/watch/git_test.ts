import { utimesSync } from "node:fs";
import { rmSync } from "node:fs";
import { describe, test } from "node:test";
import { assert, assertFalse } from "@std/assert";
import { join } from "node:path";
import { Git } from "../../src/watch/git.ts";
import { TempDir } from "../support/temp_dir.ts";

describe("Git", () => {
  test("is busy while the index is locked, and when asked the next time", () => {
    using dir = new TempDir();
    dir.file("repository/.git/HEAD", "");
    dir.file("repository/packages/app/handler.ts", "");
    const git = new Git(join(dir.path, "repository/packages/app"));
    assertFalse(git.busy);
    const lock = dir.file("repository/.git/index.lock", "");
    assert(git.busy);
    assert(git.busy);
    rmSync(lock);
    assert(git.busy);
    assertFalse(git.busy);
  });

  test("has another directory for a linked work tree", () => {
    using dir = new TempDir();
    dir.file("main/.git/worktrees/other/index.lock", "");
    dir.file("other/.git", "gitdir: ../main/.git/worktrees/other\n");
    assert(new Git(join(dir.path, "other")).busy);
  });

  test("is not waited for because of a lock that was left behind", () => {
    using dir = new TempDir();
    utimesSync(dir.file(".git/index.lock", ""), 1, 1);
    assertFalse(new Git(dir.path).busy);
  });

  test("is not busy where there is none", () => {
    assertFalse(new Git("/").busy);
    using dir = new TempDir();
    dir.file(".git", "no pointer");
    assertFalse(new Git(dir.path).busy);
  });
});
