/**
 * What shells make of `hurricane completions`: bash and zsh at a terminal, where the Tab key is pressed, and
 * fish, which tells by itself what it would complete.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import process from "node:process";
import { describe, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { form, run } from "../support/hurricane.ts";
import { Shell, shellMissing } from "../support/shell.ts";
import { TempDir } from "../support/temp_dir.ts";

async function completions(shell: string): Promise<string> {
  await using hurricane = run(["completions", shell]);
  assertEquals((await hurricane.exited).code, 0);
  return `${hurricane.stdout.items.join("\n")}\n`;
}

/** A home with a handler, and a file and a folder that are none. */
function home(): TempDir {
  const dir = new TempDir();
  for (const name of ["handler.ts", "notes.txt", "assets/a.txt"]) dir.file(name, "");
  return dir;
}

/** What one types, and what it is then. */
const completed: Record<string, string> = {
  "hurricane ser": "hurricane serve",
  "hurricane serve --log-f": "hurricane serve --log-format",
  "hurricane serve --watch-p": "hurricane serve --watch-path",
  "hurricane serve --no-m": "hurricane serve --no-metrics",
  "hurricane serve --conf": "hurricane serve --config",
  "hurricane serve --log-level de": "hurricane serve --log-level debug",
  "hurricane serve --log-level=de": "hurricane serve --log-level=debug",
  "hurricane serve --workers a": "hurricane serve --workers auto",
  "hurricane serve h": "hurricane serve handler.ts",
  "hurricane serve --port 80 h": "hurricane serve --port 80 handler.ts",
  "hurricane serve --tls-cert n": "hurricane serve --tls-cert notes.txt",
  "hurricane serve --port h": "hurricane serve --port h",
  "hurricane serve --log-level h": "hurricane serve --log-level h",
  "hurricane probe --log": "hurricane probe --log",
  "hurricane probe live": "hurricane probe liveness",
  "hurricane completions f": "hurricane completions fish",
  "hurricane manifest --net": "hurricane manifest --network-policy",
  "hurricane manifest --access-log-f": "hurricane manifest --access-log-fields",
  "hurricane build --target darwin-a": "hurricane build --target darwin-arm64",
};

const terminals: Record<string, { command: string; load: string }> = {
  bash: { command: "bash --norc --noprofile -i", load: "source ./completion" },
  zsh: {
    command: "zsh -f -i",
    load: "autoload -U compinit; compinit -u; source ./completion",
  },
};

describe(`completions (${form})`, () => {
  for (const [name, { command, load }] of Object.entries(terminals)) {
    test(`of ${name}`, { skip: shellMissing(name) ?? false }, async () => {
      using dir = home();
      dir.file("completion", await completions(name));
      await using shell = new Shell(command, dir.path, dir.path);
      await shell.run(`${load}; echo '=>' loaded`);
      for (const [line, expected] of Object.entries(completed)) {
        assertEquals(await shell.completed(line), expected);
      }
    });
  }

  test("of fish", { skip: shellMissing("fish") ?? false }, async () => {
    using dir = home();
    const file = dir.file("completion", await completions("fish"));
    const script = `source ${file}\nfor line in $argv; complete -C $line; echo =; end`;
    const lines = Object.keys(completed);
    const output = execFileSync("fish", ["--no-config", "-c", script, ...lines], {
      cwd: dir.path,
      env: { HOME: dir.path, PATH: process.env["PATH"] },
      encoding: "utf8",
    });
    const answers = output.split("=\n").slice(0, -1);
    assertEquals(answers.length, lines.length);
    for (const [index, [line, expected]] of Object.entries(completed).entries()) {
      const words = (answers[index] ?? "").split("\n").filter((text) => text !== "")
        .map((text) => text.split("\t")[0]);
      const rest = expected.slice(line.lastIndexOf(" ") + 1);
      assertEquals(words, expected === line ? [] : [rest], line);
    }
  });

  test("of what is no shell is refused", async () => {
    for (const args of [[], ["tcsh"], ["bash", "zsh"]]) {
      await using refused = run(["completions", ...args]);
      assertEquals((await refused.exited).code, 2);
      assertStringIncludes(refused.stderr.items.join("\n"), "takes one of bash, zsh and fish, not");
    }
  });

  test("their help says where they belong", async () => {
    await using help = run(["completions", "--help"]);
    await help.exited;
    assertMatch(
      help.stdout.items.join("\n"),
      /completions bash > ~\/\.local\/share\/bash-completion/,
    );
  });
});
