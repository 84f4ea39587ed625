import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { executable, repository } from "../support/executable.ts";
import { run } from "../support/program.ts";
import { Shell, shellMissing } from "../support/shell.ts";
import { TempDir } from "../support/temp_dir.ts";

const files = [
  "bin/hurricane",
  "share/bash-completion/completions/hurricane",
  "share/fish/vendor_completions.d/hurricane.fish",
  "share/man/man1/hurricane.1",
  "share/zsh/site-functions/_hurricane",
];

const path = process.env["PATH"] ?? "";

function install(home: string, args: string[], env: Record<string, string> = {}) {
  const file = join(repository, "scripts/install");
  return run({ file, args, cwd: home, env: { PATH: path, HOME: home, ...env } });
}

/** Files below a folder, by their paths in it. */
function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !lstatSync(join(folder, name)).isDirectory()).sort();
}

describe("scripts/install", () => {
  test("puts all into an empty home, and does so again", async () => {
    using home = new TempDir();
    for (let times = 0; times < 2; times++) {
      const { code, stdout, stderr } = await install(home.path, [executable]);
      assertEquals(code, 0, stderr);
      assertStringIncludes(stderr, ".local/bin is not on PATH");
      const written = stdout.split("\n").map((file) => file.replace(`${home.path}/.local/`, ""));
      assertEquals(written.sort(), files);
      assertEquals(below(home.path), files.map((file) => `.local/${file}`));
    }
    const bin = join(home.path, ".local/bin");
    const env = { HOME: home.path, PATH: `${bin}:${path}` };
    const said = execFileSync("hurricane", ["--version"], { env, encoding: "utf8" });
    assertStringIncludes(said, "hurricane ");
    const page = readFileSync(join(home.path, ".local/share/man/man1/hurricane.1"), "utf8");
    assertStringIncludes(page, ".TH HURRICANE 1");
  });

  test("installs below PREFIX", async () => {
    using home = new TempDir();
    const prefix = join(home.path, "usr");
    const { code, stderr } = await install(home.path, [executable], { PREFIX: prefix });
    assertEquals(code, 0, stderr);
    assertEquals(below(home.path), files.map((file) => `usr/${file}`));
  });

  test("refuses what is not Hurricane, and writes nothing then", async () => {
    using home = new TempDir();
    using elsewhere = new TempDir();
    const older = elsewhere.file(
      "hurricane",
      `#!/bin/sh\n[ "$1" = --version ] && echo hurricane 0.1.0\n`,
      0o755,
    );
    const refused: [number, string, string[], Record<string, string>?][] = [
      [1, "has no manual page and no completions", [older]],
      [1, "/bin/true is not Hurricane", ["/bin/true"]],
      [2, "there is no file /nowhere", ["/nowhere"]],
      [2, "takes one executable, not 2", ["a", "b"]],
      [2, "give an absolute path", [executable], { PREFIX: "here" }],
    ];
    for (const [expected, words, args, env] of refused) {
      const { code, stderr } = await install(home.path, args, env);
      assertEquals(code, expected, stderr);
      assertStringIncludes(stderr, words);
      assertEquals(below(home.path), []);
    }
  });

  const lookedUp: Record<string, { command: string; load: string }> = {
    bash: {
      command: "bash --norc --noprofile -i",
      load: "source /usr/share/bash-completion/bash_completion",
    },
    zsh: {
      command: "zsh -f -i",
      load: "fpath=(~/.local/share/zsh/site-functions $fpath); autoload -U compinit; compinit -u",
    },
  };
  for (const [name, { command, load }] of Object.entries(lookedUp)) {
    test(`${name} finds its completions`, { skip: shellMissing(name, load) ?? false }, async () => {
      using home = new TempDir();
      await install(home.path, [executable]);
      await using shell = new Shell(command, home.path, join(home.path, ".local/bin"));
      await shell.run(`${load}; echo '=>' loaded`);
      assertEquals(
        await shell.completed("hurricane serve --log-level de"),
        "hurricane serve --log-level debug",
      );
    });
  }

  test("fish finds its completions", { skip: shellMissing("fish") ?? false }, async () => {
    using home = new TempDir();
    await install(home.path, [executable]);
    const env = { HOME: home.path, PATH: `${join(home.path, ".local/bin")}:${path}` };
    const words = execFileSync("fish", ["-c", 'complete -C "hurricane serve --log-level de"'], {
      env,
      encoding: "utf8",
    });
    assertEquals(words.split("\t")[0], "debug");
  });
});
