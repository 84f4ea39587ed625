import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import { isSource, Tree } from "../../src/watch/tree.ts";
import { TempDir } from "../support/temp_dir.ts";

const left = ["node_modules/p/index.js", ".git/HEAD", "src/.x.ts.swp", "src/x.ts~", "src/#x.ts#"];

function folder(): TempDir {
  const dir = new TempDir();
  for (const name of ["a.ts", "src/b.ts", "src/deep/c.log", "src/4913", ...left]) {
    dir.file(name, "");
  }
  mkdirSync(join(dir.path, "empty"));
  return dir;
}

/** What a walk has found, relative to the folder. */
function found(dir: TempDir, tree: Tree, path?: string) {
  const { files, directories } = tree.walk(path);
  const short = (paths: string[]) => paths.map((path) => path.slice(dir.path.length + 1)).sort();
  return { files: short(files), directories: short(directories) };
}

describe("Tree", () => {
  test("is all that is below a directory, but for packages, dotfiles and leavings of editors", () => {
    using dir = folder();
    assertEquals(found(dir, new Tree(dir.path)), {
      files: ["a.ts", "src/b.ts", "src/deep/c.log"],
      directories: ["", "empty", "src", "src/deep"],
    });
  });

  test("may count only some names", () => {
    using dir = folder();
    const tree = new Tree(dir.path, isSource);
    assertEquals(found(dir, tree).files, ["a.ts", "src/b.ts"]);
    assertEquals(found(dir, tree, join(dir.path, "src/deep/c.log")).files, []);
    assertEquals(found(dir, tree, join(dir.path, "src")).files, ["src/b.ts"]);
  });

  test("stops after the most that it may have", () => {
    using dir = folder();
    for (let number = 0; number < 20; number++) dir.file(`d${number}/x.ts`, "");
    assert(new Tree(dir.path, isSource, 5).walk().files.length < 10);
  });

  test("may be one file, whatever its name, and one that does not exist", () => {
    using dir = folder();
    for (const name of ["src/deep/c.log", ".env.mine", "no/such"]) {
      const tree = new Tree(join(dir.path, name), isSource);
      assertEquals(found(dir, tree), { files: [name], directories: [] });
    }
  });

  test("does not follow links, which may lead around in circles", () => {
    using dir = folder();
    symlinkSync(dir.path, join(dir.path, "src/circle"));
    assertEquals(found(dir, new Tree(join(dir.path, "src"))).files, [
      "src/b.ts",
      "src/circle",
      "src/deep/c.log",
    ]);
  });

  test("holds what is below it and not left out", () => {
    const tree = new Tree("/srv/app");
    for (const path of ["/srv/app", "/srv/app/a", "/srv/app/b/c..d"]) {
      assert(tree.holds(path), path);
    }
    for (const path of ["/srv", "/srv/application", "/srv/app/node_modules/a", "/srv/app/.b/c"]) {
      assertFalse(tree.holds(path), path);
    }
  });

  test("may have grown by what happens in it, and by what happens above it", () => {
    using dir = folder();
    const tree = new Tree(join(dir.path, "src"));
    assertEquals(tree.grown(join(dir.path, "a.ts")), []);
    assertEquals(tree.grown(join(dir.path, "src/b.ts")).flatMap(({ files }) => files), [
      join(dir.path, "src/b.ts"),
    ]);
    assertEquals(tree.grown(dir.path).flatMap(({ files }) => files).length, 2);
  });
});
