import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Writable } from "node:stream";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CommandFailure,
  CommandInterrupted,
  runCommand,
  type RunContext,
} from "../../src/commands/run.ts";
import { maxLineLength } from "../../src/commands/lines.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { TempDir } from "../support/temp_dir.ts";
import { gone, isRunning, numbersIn } from "./support.ts";

/** No test waits this long: it passes only when there was no need to wait. */
const never = 3_600_000;

/** Runs a command; what is not given is never reached. */
function run(command: string, context: Partial<RunContext> = {}): Promise<number> {
  return runCommand(command, {
    signal: new AbortController().signal,
    script: (file) => runtime.script(file),
    killAfter: never,
    ...context,
  });
}

/** Quotes a shell script for a command line. */
function sh(script: string): string {
  return `sh -c '${script.replaceAll("'", `'\\''`)}'`;
}

async function failure(
  command: string,
  context: Partial<RunContext> = {},
): Promise<CommandFailure> {
  return await assertRejects(() => run(command, context), CommandFailure);
}

describe("runCommand", () => {
  test("leaves out what colours output on a terminal", async () => {
    using log = new CapturedLog();
    const { lastLines, trace } = await failure(
      sh("printf '\\033[31mred\\033[0m plain\\n'; exit 3"),
    );
    assertEquals(lastLines, ["red plain"]);
    assertEquals(log.lines(), ["red plain"]);
    assertFalse(trace.includes("\x1b"));
  });

  test("logs start, output and end", async () => {
    using log = new CapturedLog();
    const ms = await run("sh -c 'echo one; echo two'");
    assertGreater(ms, 0);
    const command = "sh -c 'echo one; echo two'";
    const about = { name: "sh", command };
    assertEquals(log.levels, ["info", "info", "info", "info"]);
    assertEquals(log.messages.slice(0, 3), [`[sh] starting: ${command}`, "[sh] one", "[sh] two"]);
    const [start, one, two, end] = log.records;
    const output = { ...about, stream: "stdout" };
    assertEquals(start?.properties, about);
    assertEquals(one?.properties, { ...output, line: "one" });
    assertEquals(two?.properties, { ...output, line: "two" });
    assertMatch(end?.message ?? "", /^\[sh\] succeeded after \d+(\.\d+)?s$/);
    assertEquals(end?.properties.duration_ms, Math.round(ms));
  });

  test("tells standard output from standard error", async () => {
    using log = new CapturedLog();
    await run(sh("for i in 1 2 3; do echo out $i; echo err $i >&2; done"));
    assertEquals(log.lines("stdout"), ["out 1", "out 2", "out 3"]);
    assertEquals(log.lines("stderr"), ["err 1", "err 2", "err 3"]);
  });

  test("passes words as they are", async () => {
    using log = new CapturedLog();
    await run(`printf '<%s>\\n' 'a  b' "it's" '' \\$HOME $HOME '*' * "\\"" ~ ';' a\\\\b`);
    const words = ["a  b", "it's", "", "$HOME", "$HOME", "*", "*", '"', "~", ";", "a\\b"];
    assertEquals(log.lines(), words.map((word) => `<${word}>`));
  });

  test("runs a script with its arguments by its own runtime", async () => {
    using log = new CapturedLog();
    using dir = new TempDir();
    const file = dir.file(
      "migrate it.ts",
      `import process from "node:process";
       const words: string[] = process.argv.slice(2);
       console.log(JSON.stringify(words), "Deno" in globalThis);`,
    );
    await run(`'${file}' --eval -p 'a "b"' ''`);
    const words = JSON.stringify(["--eval", "-p", 'a "b"', ""]);
    assertEquals(log.lines(), [`${words} ${runtime.name === "deno"}`]);
    assertEquals(log.records[0]?.properties.name, "migrate it.ts");
  });

  test("adds the variables of the script's invocation to the environment", async () => {
    using log = new CapturedLog();
    using dir = new TempDir();
    const file = dir.file("show.ts", "");
    const env = { HURRICANE_TEST: "yes" };
    const script = () => ({ file: "/bin/sh", args: ["-c", "echo $HURRICANE_TEST $PATH"], env });
    await run(file, { script });
    assertEquals(log.lines(), [`yes ${process.env.PATH}`]);
  });

  test("gives no input", async () => {
    using log = new CapturedLog();
    await run("cat");
    assertEquals(log.lines(), []);
    // The standard input of this process stays open.
    const driver = new Driver("end", sh("cat; echo end"));
    assertEquals(await driver.line, "end");
    assertEquals(await driver.exited, 0);
  });

  test("logs a last line without an end, and a character written in two halves", async () => {
    using log = new CapturedLog();
    await run(sh(`printf '\\303'; sleep 0.05; printf '\\251\\r\\nlast'`));
    assertEquals(log.lines(), ["é", "last"]);
  });

  test("takes 10 MB of output", async () => {
    using log = new CapturedLog();
    await run(
      sh("yes $(printf %099d 7) | head -c 10000000; head -c 100000 /dev/zero | tr '\\0' x"),
    );
    const lines = log.lines();
    assertEquals(lines.filter((line) => line === "7".padStart(99, "0")).length, 100_000);
    assertEquals(lines.slice(100_000).join(""), "x".repeat(100_000));
    assertEquals(lines.length, 100_000 + Math.ceil(100_000 / maxLineLength));
  });

  test("shows no credentials of URLs", async () => {
    using log = new CapturedLog();
    const error = await failure("false postgres://app:secret@db/app");
    const missing = await failure("no-such-folder/postgres://app:secret@db");
    assertEquals(error.command, "false postgres://***@db/app");
    assertStringIncludes(missing.message, "postgres://***@db: no such file");
    assertFalse(JSON.stringify([log.records, error, error.message]).includes("secret"));
  });
});

describe("runCommand fails", () => {
  test("when the command exits with another code than 0", async () => {
    using log = new CapturedLog();
    const error = await failure(sh("echo broken table >&2; exit 3"));
    assertEquals(error.command, sh("echo broken table >&2; exit 3"));
    assertMatch(
      error.message,
      /^command "sh -c '.*'" exited with 3 after \d+(\.\d+)?s: broken table$/,
    );
    assertEquals(error.lastLines, ["broken table"]);
    const last = log.records.at(-1);
    // That it failed says whoever ends the service over it, once.
    assertEquals([last?.level, last?.properties["line"]], ["info", "broken table"]);
  });

  test("with what it says of that, without what stands around it", async () => {
    using _log = new CapturedLog();
    using dir = new TempDir();
    const script = dir.file(
      "boom.ts",
      `const f = () => { throw new TypeError("no table"); };\nf();`,
    );
    const url = "postgres://app:secret@db/app";
    for (
      const [command, said] of [
        [script, /: (?:error: Uncaught \(in promise\) )?TypeError: no table$/],
        [
          sh(`echo "error: no ${url}" >&2; echo a hint >&2; exit 1`),
          /: error: no \S+:\/\/\*\*\*@db\/app$/,
        ],
        [sh("echo first >&2; echo '  last ' >&2; echo >&2; exit 1"), /\d+s: last$/],
        [sh("echo to standard output; exit 1"), /\d+s$/],
        [sh("printf %0300d 0 >&2; exit 1"), /\d+s: 0{200}…$/],
      ] as const
    ) {
      assertMatch((await failure(command)).message, said);
    }
  });

  test("with the last 20 lines of both streams", async () => {
    using _log = new CapturedLog();
    const { lastLines } = await failure(
      sh("for i in $(seq 1 30); do echo $i; sleep 0.01; echo e$i >&2; sleep 0.01; done; exit 1"),
    );
    // How many of each it are depends on which stream is read first at the end.
    const both = [/^\d+$/, /^e\d+$/].map((kind) => lastLines.filter((line) => kind.test(line)));
    assertEquals([lastLines.length, both.flat().length], [20, 20]);
    for (const [index, prefix] of ["", "e"].entries()) {
      const kept = both[index] ?? [];
      assertGreater(kept.length, 0);
      assertEquals(kept, kept.map((_, number) => `${prefix}${31 - kept.length + number}`));
    }
  });

  for (const signal of ["KILL", "SEGV", "USR1"]) {
    test(`when the command is killed by SIG${signal}`, async () => {
      using _log = new CapturedLog();
      const { message } = await failure(sh(`kill -${signal} $$`));
      assertStringIncludes(message, `was killed by SIG${signal} after `);
    });
  }

  test("but not where the signal that has ended the command comes to Hurricane, too", async () => {
    using _log = new CapturedLog();
    for (const end of ["kill -TERM $$", "exit 130"]) {
      const told = new AbortController();
      const rejected = assertRejects(
        () => run(sh(end), { signal: told.signal }),
        CommandInterrupted,
      );
      // Later than the command's end by far.
      await sleep(100);
      told.abort();
      await rejected;
    }
    assertStringIncludes((await failure(sh("kill -TERM $$"))).message, "was killed by SIGTERM");
  });

  test("when there is no such program, script or right", async () => {
    using log = new CapturedLog();
    using dir = new TempDir();
    const folder = join(dir.path, "folder");
    mkdirSync(folder);
    const plain = dir.file("plain", "#!/bin/sh\n");
    const orphan = dir.file("orphan", "#!/no/such/interpreter\n", 0o755);
    const foreign = dir.file("foreign", "\x7fELF\0\0\0\0", 0o755);
    for (
      const [command, reason] of [
        ["no-such-program --now", `no program "no-such-program" is on PATH`],
        ["'' a", 'no program "" is on PATH'],
        ["./missing.ts", `./missing.ts: no such file in ${process.cwd()}`],
        [folder, `${folder}: is a directory`],
        [plain, `${plain}: is neither a script (.ts, .js, …) nor executable (chmod +x)`],
        [orphan, 'the interpreter in its "#!" line, or its dynamic loader, does not exist'],
        [`echo ${"x".repeat(200_000)}`, "are longer than the system allows"],
        ["echo a\0b", "null byte"],
        ["echo 'a", "the single quote at character 6 is not closed"],
        ["  ", "the command is empty"],
      ] as const
    ) {
      const error = await failure(command);
      assertStringIncludes(error.message, `command "${command}" cannot be started: `);
      assertStringIncludes(error.message, reason);
      assertEquals(error.lastLines, []);
      assertInstanceOf(error.cause, Error);
      assertEquals(log.levels.includes("error"), false);
    }
    await failure(foreign);
  });

  test("when the command outlives the time-out", async () => {
    using _log = new CapturedLog();
    const { message, lastLines } = await failure("sleep 1000", { timeout: 100 });
    assertEquals(message, 'command "sleep 1000" ran longer than 0.1s (--command-timeout)');
    assertEquals(lastLines, []);
  });

  test("and ends the whole group at a time-out, even where SIGTERM is ignored", async () => {
    using log = new CapturedLog();
    const { message, lastLines } = await failure(
      sh("trap '' TERM; sleep 1000 & echo $$ $!; wait; sleep 1000"),
      { timeout: 1000, killAfter: 50 },
    );
    assertMatch(message, /ran longer than 1s/);
    const pids = numbersIn(lastLines[0] ?? "");
    assertEquals(pids.map(isRunning), [false, false]);
    assertStringIncludes(log.records.map(({ message }) => message).join("\n"), "sending SIGKILL");
  });

  test("but not before a time-out that no timer can be set to", async () => {
    using log = new CapturedLog();
    await run(sh("sleep 0.1; echo done"), { timeout: 2 ** 40 });
    assertEquals(log.lines(), ["done"]);
  });

  test("and ends what the command left running", async () => {
    using _log = new CapturedLog();
    const { lastLines } = await failure(sh("sleep 1000 & echo $!; exit 3"));
    const [pid = 0] = numbersIn(lastLines[0] ?? "");
    assertFalse(isRunning(pid));
  });

  test("without waiting for a zombie that nobody collects", async () => {
    using _log = new CapturedLog();
    using dir = new TempDir();
    // The parent of the zombie leaves the group, and so outlives it, with the pipes open.
    const left = `setsid sh -c ": >${dir.path}/left; exec sleep 1000"`;
    const { lastLines } = await failure(
      sh(`(sleep 0 & exec ${left}) & echo $!; until test -e ${dir.path}/left; do :; done; exit 3`),
    );
    const [parent = 0] = numbersIn(lastLines[0] ?? "");
    assert(isRunning(parent));
    process.kill(parent, "SIGKILL");
  });

  test("and takes no more output of what has left the group", async () => {
    using _log = new CapturedLog();
    using dir = new TempDir();
    const script = dir.file(
      "daemon",
      `: >${dir.path}/left; until test -e ${dir.path}/flag; do sleep 0.02; done; echo late;
      exec sleep 1000`,
    );
    const wait = `until test -e ${dir.path}/left; do sleep 0.02; done`;
    const { lastLines } = await failure(
      sh(`(exec setsid sh ${script}) & echo $!; ${wait}; exit 3`),
    );
    const [pid = 0] = numbersIn(lastLines[0] ?? "");
    assert(isRunning(pid));
    dir.file("flag", "");
    await gone(pid);
  });
});

describe("runCommand, interrupted", () => {
  test("ends the command and all that it started", async () => {
    using log = new CapturedLog();
    const stop = new AbortController();
    // The child says itself that it is there: between fork and exec it has the shell's trap.
    const child = "sh -c 'echo child $$; exec sleep 1000'";
    const running = run(sh(`trap 'echo bye; exit 0' TERM; echo leader $$; ${child} & wait`), {
      signal: stop.signal,
    });
    const rejected = assertRejects(() => running, CommandInterrupted);
    const lines = await Promise.all([log.line(/^leader/), log.line(/^child/)]);
    const pids = lines.flatMap(numbersIn);
    stop.abort();
    const { message } = await rejected;
    assertMatch(message, /was interrupted after .*: Hurricane is stopping$/);
    assertEquals(pids.map(isRunning), [false, false]);
    assertEquals(log.lines().at(-1), "bye");
    assertEquals(log.records.at(-1)?.level, "warn");
  });

  test("kills what is left of the group when its leader has obeyed", async () => {
    using log = new CapturedLog();
    const stop = new AbortController();
    const script = "(trap '' TERM; echo ready; sleep 1000) & echo $!; wait";
    const running = run(sh(script), { signal: stop.signal, killAfter: 50 });
    const rejected = assertRejects(() => running, CommandInterrupted);
    const [pid = 0] = numbersIn(await log.line(/^\d+$/));
    await log.line(/ready/);
    stop.abort();
    await rejected;
    assertFalse(isRunning(pid));
  });

  test("starts nothing when Hurricane is stopping already", async () => {
    using log = new CapturedLog();
    const error = await assertRejects(
      () => run("echo hello", { signal: AbortSignal.abort() }),
      CommandInterrupted,
    );
    assertEquals(error.message, 'command "echo hello" was not started: Hurricane is stopping');
    assertEquals(log.lines(), []);
  });
});

describe("what a successful command leaves running", () => {
  test("keeps its output, which is logged, and does not hold the command up", async () => {
    using log = new CapturedLog();
    using dir = new TempDir();
    const wait = (flag: string) => `until test -e ${dir.path}/${flag}; do sleep 0.02; done`;
    await run(sh(`(${wait("one")}; echo late; ${wait("two")}; printf later) & printf 'no end'`));
    assertEquals(log.lines(), ["no end"]);
    // Waits by timers: the pipes of the daemon do not keep the test alive.
    dir.file("one", "");
    while (!log.lines().includes("late")) await sleep(10);
    dir.file("two", "");
    while (!log.lines().includes("later")) await sleep(10);
  });

  test("does not keep Hurricane's process alive", async () => {
    const driver = new Driver("end", sh("sleep 1000 & echo $!"));
    const line = await driver.line;
    assertEquals(await driver.exited, 0);
    const [pid = 0] = numbersIn(line);
    assert(isRunning(pid));
    process.kill(pid, "SIGKILL");
  });
});

test("a command does not outlive Hurricane's process", async () => {
  const driver = new Driver("exit", sh("trap '' TERM; sleep 1000 & echo $$ $!; wait"));
  const pids = numbersIn(await driver.line);
  assertEquals(pids.map(isRunning), [true, true]);
  driver.exit();
  assertEquals(await driver.exited, 7);
  for (const pid of pids) await gone(pid);
});

/** A process of Hurricane that runs one command, see driver.ts. */
class Driver {
  /** The exit code. */
  readonly exited: Promise<number | null>;
  /** The first line that the command writes. */
  readonly line: Promise<string>;
  readonly #input: Writable;

  constructor(mode: "exit" | "end", command: string) {
    const { file, args } = runtime.script(join(import.meta.dirname ?? "", "driver.ts"));
    const child = spawn(file, [...args, mode, command], { stdio: ["pipe", "ignore", "pipe"] });
    this.#input = child.stdin;
    this.exited = new Promise((resolve) => child.once("exit", resolve));
    this.line = new Promise((resolve, reject) => {
      let log = "";
      child.stderr.on("data", (chunk) => {
        log += chunk;
        const line = /"line":"(.*?)"/.exec(log)?.[1];
        if (line !== undefined) resolve(line);
      });
      child.once("close", () => reject(new Error(`the driver wrote only ${log}`)));
    });
  }

  /** Makes it exit at once. */
  exit(): void {
    this.#input.end("exit");
  }
}
