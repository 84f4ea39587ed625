import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { filesOf } from "../../../src/app/node/files.ts";
import { TempDir } from "../../support/temp_dir.ts";

test("only a request below a prefix of --static waits for a look at the files", async () => {
  using dir = new TempDir();
  dir.file("a.txt", "0123");
  const files = await filesOf([`/files/=${dir.path}`]);
  assert(files !== undefined);
  const ask = (path: string) => files(new Request(`http://test${path}`));
  assertEquals([ask("/"), ask("/a.txt"), ask("/files")], [undefined, undefined, undefined]);
  const found = ask("/files/a.txt");
  assert(found instanceof Promise);
  assertEquals(await (await found)?.text(), "0123");
  const missing = ask("/files/b.txt");
  assert(missing instanceof Promise);
  assertEquals(await missing, undefined);
});

test("without --static there are none", async () => {
  assertEquals(await filesOf([]), undefined);
});
