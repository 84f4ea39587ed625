import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { tellTermination } from "../../src/supervisor/termination_log.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { TempDir } from "../support/temp_dir.ts";

/** What is in the file then, which held something else before. */
function told(reason: string, trace: string): string {
  using dir = new TempDir();
  const path = dir.file("termination-log", "old\n".repeat(2000));
  tellTermination("cannot start", reason, trace, path);
  return readFileSync(path, "utf8");
}

describe("the termination log", () => {
  test("has the reason and the trace, the reason once", () => {
    assertEquals(
      told("it broke", "Error: x\n    at a.ts:1"),
      "cannot start: it broke\nError: x\n    at a.ts:1",
    );
    assertEquals(
      told("it broke", "it broke\nlast output:\nx"),
      "cannot start: it broke\nlast output:\nx",
    );
  });

  test("has the beginning and the end of what is longer than a kubelet reads", () => {
    for (const filling of ["x", "ü", "…", "🌀"]) {
      for (let shift = 0; shift < 4; shift++) {
        const text = told("it broke", `${"y".repeat(shift)}${filling.repeat(5000)}\nthe last line`);
        const size = Buffer.byteLength(text);
        assert(size <= 4096 && size > 4080, `${filling} ${size}`);
        assertMatch(text, /^cannot start: it broke\n[^\ufffd]*\n…\n[^\ufffd]*\nthe last line$/u);
      }
    }
  });

  test("is not made where there is none", () => {
    using dir = new TempDir();
    using log = new CapturedLog();
    const path = join(dir.path, "termination-log");
    tellTermination("cannot start", "it broke", "", path);
    assertEquals([existsSync(path), log.levels], [false, []]);
  });

  test("that cannot be written is no reason to fail", () => {
    using dir = new TempDir();
    using log = new CapturedLog();
    const path = join(dir.path, "termination-log");
    mkdirSync(path);
    tellTermination("cannot start", "it broke", "", path);
    assertEquals(log.levels, ["debug"]);
  });
});
