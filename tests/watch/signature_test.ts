import { mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assert, assertEquals, assertFalse, assertNotEquals } from "@std/assert";
import { sameContent, signatureOf, stampAt } from "../../src/watch/signature.ts";
import { TempDir } from "../support/temp_dir.ts";

describe("signatureOf", () => {
  test("is none where there is no file", () => {
    using dir = new TempDir();
    mkdirSync(join(dir.path, "directory"));
    const file = dir.file("file", "x");
    for (const path of [join(dir.path, "no"), join(dir.path, "directory"), join(file, "below")]) {
      assertEquals([signatureOf(path), stampAt(path)], [undefined, undefined], path);
    }
  });

  test("tells content from stamp", () => {
    using dir = new TempDir();
    const file = dir.file("file", "one");
    const first = signatureOf(file);
    assertEquals(first?.stamp, stampAt(file));
    utimesSync(file, 1, 1);
    const touched = signatureOf(file);
    assertNotEquals(touched?.stamp, first?.stamp);
    assert(sameContent(first, touched));
    dir.file("file", "two");
    utimesSync(file, 1, 1);
    // As long, and written at the same time: only the content differs.
    const other = signatureOf(file);
    assertEquals(other?.stamp, touched?.stamp);
    assertFalse(sameContent(touched, other));
  });

  test("knows an empty file, and since when a file is there", () => {
    using dir = new TempDir();
    const before = Date.now() - 1000;
    const file = dir.file("file", "");
    assertEquals(signatureOf(file)?.empty, true);
    assert((signatureOf(file)?.since ?? 0) >= before);
    assertEquals(signatureOf(dir.file("file", "x"))?.empty, false);
  });

  test("does not read huge files: their stamps have to do", () => {
    using dir = new TempDir();
    const huge = "x".repeat(1024 * 1024 + 1);
    const file = dir.file("huge", huge);
    const first = signatureOf(file);
    assertEquals(first?.content, undefined);
    assert(sameContent(first, signatureOf(file)));
    utimesSync(file, 1, 1);
    assertFalse(sameContent(first, signatureOf(file)));
  });

  test("of a link is where it leads", () => {
    using dir = new TempDir();
    const target = dir.file("target", "one");
    const link = join(dir.path, "link");
    symlinkSync(target, link);
    const first = signatureOf(link);
    dir.file("target", "two");
    assert(sameContent(first, signatureOf(link)));
    symlinkSync("nowhere", join(dir.path, "dangling"));
    assertNotEquals(signatureOf(join(dir.path, "dangling"))?.stamp, first?.stamp);
  });
});

test("no file is like no other file, but for none", () => {
  using dir = new TempDir();
  const signature = signatureOf(dir.file("file", ""));
  assert(sameContent(undefined, undefined));
  assertFalse(sameContent(signature, undefined));
  assertFalse(sameContent(undefined, signature));
});
