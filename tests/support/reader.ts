/**
 * Somebody who reads a page from its beginning and does what it shows, in a folder of their own.
 *
 * - A block of `ts` or `js` that begins with `// name.ts` is written into that file.
 * - In a block of `console`, what follows `$ ` is run, and the lines below it are what it prints. A service
 *   is left running, as in a terminal of its own: the lines are the next of its output. `^C` ends the one
 *   that was started last. A block without either is the next output of any of them.
 * - A block of `sh` is run; what it prints is not shown.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { connect } from "node:net";
import { once } from "node:events";
import { assertEquals } from "@std/assert";
import type { Block } from "../docs/markdown.ts";
import { freePort } from "./free_port.ts";
import { form, root } from "./instance.ts";
import { marked, markVariable, ownEnvironment, signal } from "./processes.ts";
import { TempDir } from "./temp_dir.ts";
import { eachLine, eventually } from "./wait.ts";

/** A command that goes on until it is told to stop. */
const service =
  /^(?:hurricane|\.\/scripts\/run) (?:serve|consume)\b[^;&|]*$|^\.\/(?:hello|app)\b[^;&|]*$/;

/** What a command has printed so far, standard error included. */
interface Terminal {
  command: string;
  child: ChildProcess;
  lines: string[];
  /** How many of them have been read. */
  read: number;
  code: number | null | undefined;
}

/** Dispose of it: nothing that it has started outlives the test. */
export class Reader implements AsyncDisposable {
  readonly #dir = new TempDir();
  readonly #mark = randomUUID();
  readonly #services: Terminal[] = [];
  /** What a shell remembers: `cd` and `export`. */
  readonly #remembered: string[] = [];
  /** The ports of the page, by those that are taken for them. */
  readonly #ports: Map<string, number>;

  /** Commands that were met and not run. */
  readonly leftOut: string[] = [];
  readonly #notRun: readonly string[];

  private constructor(ports: Map<string, number>, notRun: readonly string[]) {
    this.#ports = ports;
    this.#notRun = notRun;
    const { path } = this.#dir;
    for (const name of ["docs", "scripts", "src", "dist", "node_modules"]) {
      symlinkSync(join(root, name), join(path, name));
    }
    writeFileSync(join(path, "package.json"), JSON.stringify({ dependencies: { hono: "*" } }));
    mkdirSync(join(path, "tmp"));
    mkdirSync(join(path, "bin"));
    const program = join(path, "bin/hurricane");
    writeFileSync(
      program,
      `#!/bin/sh\nexec "${root}${form === "executable" ? "dist/hurricane" : "scripts/run"}" "$@"\n`,
    );
    chmodSync(program, 0o755);
    writeFileSync(join(path, ".curlrc"), "silent\nshow-error\n");
  }

  /**
   * @param notRun commands to leave out, as they stand in the page, in one line
   * @param more ports of what runs already, by those of the page
   */
  static async open(
    notRun: readonly string[],
    more: Readonly<Record<string, number>> = {},
  ): Promise<Reader> {
    const port = await freePort(1);
    const other = await freePort(1);
    const own = { "8000": port, "8001": port + 1, "9000": other, "9001": other + 1 };
    return new Reader(new Map(Object.entries({ ...own, ...more })), notRun);
  }

  /** Does what a block shows. Throws where something else is seen. */
  async follow({ language, text }: Block): Promise<void> {
    const content = this.#localised(text);
    const [, file] = /^\/\/ ([\w./-]+\.(?:ts|tsx|js|mjs))\n/.exec(text) ?? [];
    if (file !== undefined) this.#dir.file(file, content);
    else if (language === "sh") {
      for (const command of commandsOf(content)) await this.#run(command);
    } else if (language === "console") await this.#type(content);
  }

  async #type(text: string): Promise<void> {
    for (const part of text.split(/^(?=\$ |\^C$)/m)) {
      const [first = "", ...expected] = part.trimEnd().split("\n");
      if (first === "^C") await this.#interrupt(expected);
      else if (first.startsWith("$ ")) await this.#run(first.slice(2), expected);
      else await this.#reads(this.#services, [first, ...expected]);
    }
  }

  async #run(command: string, expected?: string[]): Promise<void> {
    if (this.#notRun.includes(command)) {
      this.leftOut.push(command);
      return;
    }
    const terminal = this.#start(command);
    if (/^(?:cd|export) /.test(command)) this.#remembered.push(command);
    if (service.test(command)) {
      this.#services.push(terminal);
      await this.#listens(terminal);
      await this.#reads([terminal], expected ?? []);
      return;
    }
    await eventually(`the end of ${command}`, () => terminal.code !== undefined);
    if (expected !== undefined) {
      assertEquals(this.#masked(terminal.lines), this.#masked(expected), command);
    } else assertEquals(terminal.code, 0, `${command}\n${terminal.lines.join("\n")}`);
  }

  #start(command: string): Terminal {
    const { path } = this.#dir;
    const script = [...this.#remembered, command].join("\n");
    const child = spawn("bash", ["-c", `exec 2>&1\n${script}`], {
      cwd: path,
      // Ctrl-C reaches the whole group, as in a terminal.
      detached: true,
      env: {
        ...ownEnvironment(),
        [markVariable]: this.#mark,
        ...form === "executable" ? {} : { HURRICANE_RUNTIME: form },
        HURRICANE_LOG_FORMAT: "pretty",
        HOME: path,
        ...npmOf(homedir()),
        TMPDIR: join(path, "tmp"),
        PATH: `${join(path, "bin")}:${process.env["PATH"]}`,
        PORT: String(this.#ports.get("8000")),
      },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const terminal: Terminal = { command, child, lines: [], read: 0, code: undefined };
    const printed = eachLine(child.stdout, (line) => terminal.lines.push(line));
    once(child, "exit").then(async ([code]) => {
      await printed;
      terminal.code = code;
    });
    return terminal;
  }

  /** Waits until it listens: its reader types the next command when they see that. */
  async #listens(terminal: Terminal): Promise<void> {
    const [, given] = /--port[ =](\d+)/.exec(terminal.command) ?? [];
    const port = Number(given ?? this.#ports.get("8000"));
    await eventually(`${terminal.command} to listen`, async () => {
      if (terminal.code !== undefined) {
        throw new Error(`it has ended:\n${terminal.lines.join("\n")}`);
      }
      return await answers(port);
    });
  }

  /** Waits for lines that come one after the other from one of some services. */
  async #reads(terminals: Terminal[], expected: string[]): Promise<void> {
    if (expected.length === 0) return;
    const wanted = this.#masked(expected);
    const found = (terminal: Terminal): boolean => {
      const lines = this.#masked(terminal.lines);
      for (let at = terminal.read; at + wanted.length <= lines.length; at++) {
        if (wanted.every((line, index) => lines[at + index] === line)) {
          terminal.read = at + wanted.length;
          return true;
        }
      }
      return false;
    };
    await eventually("the lines of the page", () => terminals.some(found)).catch(() => {
      const unread = terminals.map(({ lines, read }) => this.#masked(lines).slice(read));
      assertEquals(unread.length === 1 ? unread[0] : unread, wanted, "what is printed");
    });
  }

  async #interrupt(expected: string[]): Promise<void> {
    const terminal = this.#services.pop();
    if (terminal === undefined) throw new Error("nothing runs that ^C could end");
    signal(-(terminal.child.pid ?? -1), "SIGINT");
    await eventually(`the end of ${terminal.command}`, () => terminal.code !== undefined);
    await this.#reads([terminal], expected);
  }

  /** The page with the ports that are free here. */
  #localised(text: string): string {
    return text.replace(/\b\d{4}\b/g, (digits) => String(this.#ports.get(digits) ?? digits));
  }

  /** What differs from run to run is left out. */
  #masked(lines: readonly string[]): string[] {
    const { path } = this.#dir;
    return lines.map((line) =>
      line.replaceAll(join(path, "tmp"), "/tmp").replaceAll(path, "/home/you")
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
        .replace(/^\d\d:\d\d:\d\d\b/, "<time>")
        .replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, "<id>")
        .replace(/\b\d+(?:\.\d+)?(?:ms|s)\b/g, "<duration>")
        .replace(/("duration_ms":)[\d.]+/g, "$1<duration>")
        .replace(/("hostname":)"[^"]*"/g, "$1<host>")
        .replace(/("version":)"[^"]*"/g, "$1<version>")
        .replace(/^hurricane [\d.]+ \(.*\)$/, "hurricane <version>")
        .replace(/^\s+at .*/, "<frame>")
        .replace(/\brequest queue length \d+/, "request queue length <number>")
        .replace(/\b\d+ MB\b/g, "<size>")
        .trimEnd()
    ).filter((line, index, all) => line !== "<frame>" || all[index - 1] !== line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await eventually("the end of all processes", () => {
      const alive = marked(this.#mark);
      for (const pid of alive) signal(pid, "SIGKILL");
      return alive.length === 0;
    });
    this.#dir[Symbol.dispose]();
  }
}

/** npm finds its registry, and what it has fetched before, where it does outside of a test. */
function npmOf(home: string): Record<string, string> {
  return {
    npm_config_userconfig: process.env["npm_config_userconfig"] ?? join(home, ".npmrc"),
    npm_config_cache: process.env["npm_config_cache"] ?? join(home, ".npm"),
    npm_config_prefer_offline: "true",
  };
}

/** The commands of a script, one after the other; comments are for the reader. */
function commandsOf(script: string): string[] {
  return script.replaceAll("\\\n", " ").split("\n")
    .map((line) => line.replace(/ +# .*/, "").replace(/ +/g, " ").trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
