import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { executableIsOld } from "../../scripts/suite/executable.ts";
import { TempDir } from "../support/temp_dir.ts";

test("the executable is old where it is missing, or something that it is made of is younger", () => {
  using dir = new TempDir();
  const made = ["src/a.ts", "src/deep/b.ts", "deno.json", "deno.lock"];
  const sources = [...made, "scripts/build", "scripts/versions"];
  for (const path of sources) dir.file(path, "");
  const date = (path: string, seconds: number) =>
    utimesSync(join(dir.path, path), seconds, seconds);
  for (const path of [...sources, "src/deep"]) date(path, 1000);
  assertEquals(executableIsOld(dir.path), true);
  dir.file("dist/hurricane", "");
  date("dist/hurricane", 2000);
  assertEquals(executableIsOld(dir.path), false);
  for (const path of sources) {
    date(path, 3000);
    assertEquals(executableIsOld(dir.path), true, path);
    date(path, 1000);
  }
  rmSync(join(dir.path, "src/deep/b.ts"));
  assertEquals(executableIsOld(dir.path), true, "a source that is gone");
});
