import { describe, test } from "node:test";
import { assertEquals } from "@std/assert";
import { baseToFetch, tellFetching } from "../../src/build/fetching.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eventually } from "../support/wait.ts";

describe("what a build fetches", () => {
  test("is Bun for another system, unless it has been fetched", () => {
    using dir = new TempDir();
    const environment = { BUN_INSTALL_CACHE_DIR: dir.path };
    const target = "linux-arm64-musl";
    assertEquals(
      baseToFetch(target, "1.2.3", environment),
      "Bun 1.2.3 for linux-arm64-musl from npm (some 40 MB, once)",
    );
    dir.file("bun-linux-aarch64-musl-v1.2.3", "");
    assertEquals(baseToFetch(target, "1.2.3", environment), undefined);
    for (const own of [undefined, runtime.target]) {
      assertEquals(baseToFetch(own, "1.2.3", environment), undefined);
    }
  });

  test("is told in lines of their own where no line can be written anew", () => {
    let text = "";
    const end = tellFetching("x", { rewrites: false, write: (more) => text += more });
    end();
    assertEquals(text, "hurricane: fetching x\n");
  });

  test("is told in one line on a terminal, with the time, and that goes", async () => {
    let text = "";
    const end = tellFetching("x", { rewrites: true, write: (more) => text += more });
    await eventually("a time", () => /fetching x: [1-9]\d*s$/.test(text));
    end();
    const lines = text.split("\r\x1b[K");
    assertEquals([lines[0], lines[1], lines.at(-1)], ["", "hurricane: fetching x: 0s", ""]);
  });
});
