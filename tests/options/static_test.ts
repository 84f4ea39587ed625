import { describe, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { parseManifest } from "../../src/cli/commands/manifest_parse.ts";
import { parseServe } from "../../src/cli/parse.ts";
import { resolveOptions } from "../../src/options/resolve.ts";
import { requireDirectories } from "../../src/options/static.ts";
import { UsageError } from "../../src/options/usage_error.ts";
import { TempDir } from "../support/temp_dir.ts";

describe("two directories", () => {
  test("may have a prefix each", () => {
    const value = ["a", "/=b", "/static/deep/=a"];
    assertEquals(resolveOptions({ static: value }, {}).static, value);
  });

  test("may not have the same one", () => {
    const both = () => resolveOptions({ static: ["a", "/b/=b", "/static/=c"] }, {});
    assertEquals(
      assertThrows(both, UsageError).message,
      'static gives "/static/" to "a" and to "c": each needs a prefix of its own, as in /other/=c',
    );
    const argv = ["--image", "web", "--static=/a/=b", "--static=/a/=c"];
    const { message } = assertThrows(() => parseManifest(argv), UsageError);
    assertEquals(message.split(":")[0], '--static gives "/a/" to "b" and to "c"');
  });
});

describe("requireDirectories", () => {
  test("takes those that are there, links to them included", () => {
    using dir = new TempDir();
    dir.file("a/b", "");
    requireDirectories([join(dir.path, "a"), `/x/=${dir.path}`, "."], "it");
    requireDirectories([], "it");
  });

  const wrong: Record<string, [value: (dir: string) => string, obstacle: (dir: string) => string]> =
    {
      "a directory that is not there": [
        (dir) => join(dir, "a"),
        (dir) => `there is no directory ${dir}/a`,
      ],
      "one behind a prefix": [
        (dir) => `/x/=${dir}/a`,
        (dir) => `there is no directory ${dir}/a`,
      ],
      "a file": [(dir) => join(dir, "file"), (dir) => `${dir}/file is no directory`],
      "what lies below a file": [
        (dir) => join(dir, "file/a"),
        (dir) => `${dir}/file/a cannot be reached (ENOTDIR)`,
      ],
    };
  for (const [name, [value, obstacle]] of Object.entries(wrong)) {
    test(`refuses ${name}`, () => {
      using dir = new TempDir();
      dir.file("file", "");
      const given = value(dir.path);
      const refuse = () => requireDirectories([dir.path, given], "--it");
      const { message } = assertThrows(refuse, UsageError);
      assertEquals(message, `--it ${JSON.stringify(given)}: ${obstacle(dir.path)}`);
    });
  }

  test("is asked by serve, by the name that the user gave, and not by manifest", () => {
    using dir = new TempDir();
    const handler = dir.file("handler.ts", "");
    const missing = join(dir.path, "missing");
    const refusal = (...args: Parameters<typeof parseServe>) =>
      assertThrows(() => parseServe(...args), UsageError).message.split(" ")[0];
    assertEquals(refusal([handler, "--static", missing], {}), "--static");
    assertEquals(refusal([handler], { HURRICANE_STATIC: missing }), "HURRICANE_STATIC");
    const builtin = { name: "app", defaults: ["--static", missing] };
    assertEquals(refusal([], {}, builtin), "--static");
    const { args } = parseManifest([handler, "--image=web", `--static=${missing}`]);
    assertEquals(args, ["serve", handler, `--static=${missing}`]);
  });
});
