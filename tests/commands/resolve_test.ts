import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { mkdirSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { resolveCommand } from "../../src/commands/resolve.ts";
import { TempDir } from "../support/temp_dir.ts";

const program = "#!/bin/sh\n";
const notExecutable = "is neither a script (.ts, .js, …) nor executable (chmod +x)";
const script = (file: string) => ({ file: "/runtime", args: ["run", file], env: { A: "b" } });
const resolve = (...words: string[]) => resolveCommand(words, script);

/** Calls a function with another `PATH`. */
function withPath<T>(path: string | undefined, call: () => T): T {
  const before = process.env.PATH;
  try {
    if (path === undefined) delete process.env.PATH;
    else process.env.PATH = path;
    return call();
  } finally {
    if (before !== undefined) process.env.PATH = before;
  }
}

describe("resolveCommand", () => {
  test("hands a script to the runtime by its absolute path", () => {
    using dir = new TempDir();
    const file = dir.file("migrate.ts", "");
    const expected = { file: "/runtime", args: ["run", file, "--all", "x y"], env: { A: "b" } };
    assertEquals(resolve(file, "--all", "x y"), expected);
    assertEquals(resolve(relative(process.cwd(), file), "--all", "x y"), expected);
  });

  test("does not look for a script on PATH", () => {
    using dir = new TempDir();
    dir.file("hurricane-test.js", program, 0o755);
    withPath(dir.path, () => {
      const message = `hurricane-test.js: no such file in ${process.cwd()}`;
      assertThrows(() => resolve("hurricane-test.js"), Error, message);
    });
  });

  test("takes a word with a slash for a path", () => {
    using dir = new TempDir();
    const file = dir.file("tool", program, 0o755);
    assertEquals(resolve(file, "a"), { file, args: ["a"], env: {} });
    assertEquals(resolve(relative(process.cwd(), file)), { file, args: [], env: {} });
  });

  test("takes the first program on PATH", () => {
    using one = new TempDir();
    using two = new TempDir();
    const first = one.file("tool", program, 0o755);
    two.file("tool", program, 0o755);
    const second = two.file("other", program, 0o755);
    mkdirSync(join(one.path, "other"));
    withPath(`/no/such/folder:${first}:${one.path}:${two.path}`, () => {
      assertEquals(resolve("tool").file, first);
      assertEquals(resolve("other").file, second, "a folder is no program");
    });
  });

  test("takes an empty entry of PATH for the working directory", () => {
    using dir = new TempDir();
    dir.file("tool", program, 0o755);
    const before = process.cwd();
    try {
      process.chdir(dir.path);
      const file = withPath("/no/such/folder:", () => resolve("tool").file);
      assertEquals(file, join(process.cwd(), "tool"));
    } finally {
      process.chdir(before);
    }
  });

  test("looks in the usual places without PATH", () => {
    assertMatch(withPath(undefined, () => resolve("sh").file), /^(\/usr)?\/bin\/sh$/);
  });

  test("tells what to do where nothing is found", () => {
    withPath("/no/such/folder:/nor/this", () => {
      const message = 'no program "prisma" is on PATH; install it, or give its path';
      assertThrows(() => resolve("prisma"), Error, message);
      assertThrows(() => resolve(""), Error, 'no program "" is on PATH');
    });
  });

  test("says that what it found on PATH is not executable", () => {
    using dir = new TempDir();
    const file = dir.file("tool", program);
    withPath(`${dir.path}:/no/such/folder`, () => {
      assertThrows(() => resolve("tool"), Error, `${file}: ${notExecutable}`);
    });
  });

  test("says why a file cannot be run", () => {
    using dir = new TempDir();
    const here = `no such file in ${process.cwd()}`;
    for (
      const [word, reason] of [
        ["./no-such-folder/migrate.ts", here],
        ["./no-such-folder/tool", here],
        [join(dir.path, "tool"), "no such file"],
        [join(dir.file("file", ""), "tool"), "no such file"],
        [dir.path, "is a directory"],
        [dir.file("plain", program), notExecutable],
        [dir.file("001.sql", ""), notExecutable],
        [dir.file("text", "echo\n", 0o755), 'begins with no "#!" line, and no shell is used'],
        [dir.file("empty", "", 0o755), 'begins with no "#!" line, and no shell is used'],
        ["/dev/null", "is not a regular file"],
      ] as const
    ) {
      const { message } = assertThrows(() => resolve(word), Error);
      assertEquals(message, `${word}: ${reason}`);
    }
    const folder = join(dir.path, "folder.ts");
    mkdirSync(folder);
    assertThrows(() => resolve(folder), Error, `${folder}: is a directory`);
    const loop = join(dir.path, "loop");
    symlinkSync(loop, loop);
    assertThrows(() => resolve(loop), Error, "ELOOP");
  });

  test("takes a binary for a program", () => {
    using dir = new TempDir();
    const file = dir.file("tool", "\x7fELF\x02\x01\x01\0", 0o755);
    assertEquals(resolve(file).file, file);
  });

  test("says that a script may not be read", { skip: process.getuid?.() === 0 }, () => {
    using dir = new TempDir();
    const file = dir.file("secret.ts", "", 0o000);
    assertThrows(() => resolve(file), Error, `${file}: permission denied`);
  });
});
