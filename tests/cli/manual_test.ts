// deno-lint-ignore-file no-control-regex
import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { commands } from "../../src/cli/commands.ts";
import { manualPage } from "../../src/cli/manual/page.ts";
import { plain } from "../../src/cli/manual/roff.ts";
import { TempDir } from "../support/temp_dir.ts";

const page = manualPage(commands);

function missing(...command: [string, ...string[]]): string | false {
  const [program, ...args] = command;
  return spawnSync(program, args).error !== undefined && `${program} is not installed`;
}

describe("the manual page", () => {
  test("is what mandoc finds nothing in but that it has no date", {
    skip: missing("mandoc", "-h"),
  }, () => {
    const { stdout, stderr } = spawnSync("mandoc", ["-Tlint"], { input: page, encoding: "utf8" });
    const told = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
    assertEquals(told.filter((line) => !line.endsWith('missing date, using "": TH')), []);
  });

  test("is what man finds nothing in", { skip: missing("man", "--version") }, () => {
    using dir = new TempDir();
    const file = dir.file("hurricane.1", page);
    const { stdout, stderr } = spawnSync(
      "man",
      ["--warnings", "-E", "UTF-8", "-Tutf8", "-l", file],
      {
        env: {
          ...process.env,
          MANWIDTH: "80",
          MAN_KEEP_FORMATTING: "",
          LC_ALL: "C.UTF-8",
          GROFF_NO_SGR: "1",
        },
        encoding: "utf8",
      },
    );
    assertEquals(stderr, "");
    // Without an escape for the terminal, what is bold is printed twice.
    assertStringIncludes(stdout.replaceAll(/.\x08/g, ""), "FIELD,…");
  });

  test("has each command, and each flag with its help", () => {
    const lines = page.split("\n");
    for (const { name, flags } of commands) {
      assert(lines.some((line) => line.startsWith(`.SS hurricane ${name}`)), name);
      for (const { flag } of flags) {
        assert(lines.some((line) => /^\.B /.test(line) && line.includes(plain(flag))), flag);
      }
    }
  });

  test("has text as it is", () => {
    assertEquals(
      plain(".a\\n 'b' \"c\" - `^~ …"),
      "\\&.a\\en \\(aqb\\(aq \\(dqc\\(dq \\- \\(ga\\(ha\\(ti \\[u2026]",
    );
  });
});
