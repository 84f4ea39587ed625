// deno-lint-ignore-file no-control-regex
/**
 * A person at a terminal, which script(1) makes.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { saying } from "../support/handlers.ts";
import { form, launch } from "../support/hurricane.ts";
import { root } from "../support/instance.ts";
import { ownEnvironment } from "../support/processes.ts";
import { TempDir } from "../support/temp_dir.ts";
import { eventually } from "../support/wait.ts";

const noTerminal = spawnSync("script", ["--version"]).status !== 0;
const skip = noTerminal && "script(1) is not installed";

/** Hurricane at a terminal: what it writes there, and keys that are pressed. */
class Terminal implements AsyncDisposable {
  readonly dir = new TempDir();
  readonly exited: Promise<unknown[]>;
  /** All that has been written. */
  text = "";
  readonly #child: ChildProcess;

  constructor(args: string, files: Record<string, string>, env: Record<string, string> = {}) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(this.dir.path, path, ".."), { recursive: true });
      writeFileSync(join(this.dir.path, path), text, { mode: 0o755 });
    }
    const program = join(root, form === "executable" ? "dist/hurricane" : "scripts/run");
    const serve =
      `'${program}' serve ./handler.ts --host 127.0.0.1 --port 0 --probe-port 0 ${args}`;
    // What script(1) makes of a pipe is no terminal as a shell has it.
    const command = `stty sane; stty -a >before; ${serve}; code=$?; stty -a >after; exit $code`;
    this.#child = spawn("script", ["-qec", command, "/dev/null"], {
      cwd: this.dir.path,
      env: {
        ...ownEnvironment(),
        ...(form === "executable" ? {} : { HURRICANE_RUNTIME: form }),
        SHELL: "/bin/sh",
        TERM: "xterm",
        ...env,
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text) => this.text += text);
    this.exited = once(this.#child, "exit");
  }

  press(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Waits until something has been written that matches. */
  async shown(pattern: RegExp): Promise<void> {
    await eventually(`${pattern}`, () => pattern.test(this.text)).catch((error) => {
      throw new Error(`${error.message}; there was: ${JSON.stringify(this.text)}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.exited;
    this.dir[Symbol.dispose]();
  }
}

describe(`at a terminal (${form})`, { skip }, () => {
  test("keys reload, show the addresses and quit; the terminal is left as it was", async () => {
    const handler = `import { appendFileSync } from "node:fs";
      import process from "node:process";
      appendFileSync("pids", process.pid + " ");
      ${saying("hello")}`;
    await using terminal = new Terminal("--watch", { "handler.ts": handler });
    await terminal.shown(/serving on http:\/\/127\.0\.0\.1:\d+/);
    assertMatch(
      stripVTControlCharacters(terminal.text),
      /r reloads, o shows the addresses, q quits/,
    );
    terminal.press("xo");
    await terminal.shown(
      /http:\/\/127\.0\.0\.1:\d+; status page, probes and metrics: http:\/\/127\.0\.0\.1:\d+/,
    );
    assert(!terminal.text.includes("xo"), terminal.text);
    // A process that has been replaced leaves nothing behind in the terminal either.
    terminal.press("r");
    await terminal.shown(/reloaded the handler/);
    const pids = readFileSync(join(terminal.dir.path, "pids"), "utf8").trim().split(" ");
    await eventually(
      "the end of those before",
      () => pids.slice(0, -1).every((pid) => !existsSync(`/proc/${pid}`)),
    );
    terminal.press("q");
    await terminal.shown(/stopped/);
    assertEquals((await terminal.exited)[0], 0);
    const [before, after] = ["before", "after"].map((name) =>
      readFileSync(join(terminal.dir.path, name), "utf8")
    );
    assertEquals(after, before);
  });

  test("Ctrl-C stops, as anywhere", async () => {
    await using terminal = new Terminal("--watch", { "handler.ts": saying("hello") });
    await terminal.shown(/serving on/);
    terminal.press("\x03");
    await terminal.shown(/received SIGINT[^]*stopped/);
    // The shell around it has had the signal, too.
    await terminal.exited;
  });

  test("one line says what is waited for, which the log replaces; without colour if so wanted", async () => {
    const script = `a-script-with-a-name-that-is-longer-than-a-terminal-is-wide-${
      "x".repeat(40)
    }.sh`;
    await using terminal = new Terminal(
      `--command ./${script}`,
      {
        "handler.ts": saying("hello"),
        [script]: "#!/bin/sh\nuntil [ -e go ]; do sleep 0.1; done\n",
      },
      { NO_COLOR: "1" },
    );
    // It is written anew.
    await terminal.shown(/(running command 1 of 1: a-script[^\r\n]*\x1b\[K\r[^\n]*){2}/);
    writeFileSync(join(terminal.dir.path, "go"), "");
    await terminal.shown(/serving on/);
    const [line = ""] = /running command 1 of 1[^\r\n]*?(?=\x1b)/.exec(terminal.text) ?? [];
    assertEquals(line.length, 79);
    assertMatch(line, /… [\d.]+s$/);
    assertMatch(terminal.text, /\r\x1b\[K[\d:]{8} \[a-script\S+\] succeeded/);
    assert(!/\x1b\[\d*m/.test(terminal.text), JSON.stringify(terminal.text));
    // Without --watch there is nothing that keys would do.
    assert(!terminal.text.includes("q quits"));
  });
});

test(`where no terminal is, nothing is said to one (${form})`, async () => {
  await using hurricane = launch(saying("hello"), { args: ["--watch", "--log-format=pretty"] });
  await hurricane.stderr.until("its start", (line) => line.includes("serving on"));
  assertEquals(await hurricane.stop(), 0);
  const text = hurricane.stderr.items.join("\n");
  assert(!text.includes("\x1b") && !text.includes("q quits"), text);
});
