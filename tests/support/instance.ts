/**
 * One running Hurricane: its log, its probes, its processes, its end.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Answer, request, type RequestOptions } from "./http.ts";
import { commandLine, marked, markVariable, ownEnvironment, signal } from "./processes.ts";
import { eachLine, eventually, Feed, hasWords, pause, shown } from "./wait.ts";

/** The repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The form under test. */
export const form = process.env["HURRICANE_FORM"] ?? "bun";

/** The runtime that the form contains. */
export const runtime = form === "deno" ? "deno" : "bun";

/** A line of the log; the message's properties beside it. */
export interface LogLine {
  level: string;
  part: string;
  message: string;
  [property: string]: unknown;
}

/** How the process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A Hurricane and all that it starts. Dispose of it: nothing outlives the test. */
export class Hurricane {
  /** Where the handler lies; the working directory. */
  readonly dir: string;
  /** The lines of standard error that are Hurricane's log. */
  readonly log = new Feed<LogLine>();
  /** The lines of standard output. */
  readonly stdout = new Feed<string>();
  /** The lines of standard error, as they came. */
  readonly stderr = new Feed<string>();
  /** Resolves when the process has ended and all its output is read. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #mark = randomUUID();
  #ended = false;
  #url = "";
  #probeUrl = "";

  /** @param under a command that runs it in its own place, as `nohup` does */
  constructor(
    args: string[],
    env: Record<string, string>,
    dir: string,
    { detached = false, under = [] }: { detached?: boolean; under?: string[] } = {},
  ) {
    this.dir = dir;
    const command = form === "executable" ? "dist/hurricane" : "scripts/run";
    const [file = "", ...words] = [...under, join(root, command), ...args];
    this.#child = spawn(file, words, {
      cwd: dir,
      detached,
      env: {
        ...ownEnvironment(),
        ...(form === "executable" ? {} : { HURRICANE_RUNTIME: form }),
        [markVariable]: this.#mark,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let read = false;
    Promise.all([
      eachLine(this.#child.stdout, (line) => this.stdout.push(line)),
      eachLine(this.#child.stderr, (line) => this.#stderrLine(line)),
    ]).then(() => read = true);
    this.exited = new Promise<Exit>((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", (code, signal) => resolve({ code, signal }));
    }).then(async (exit) => {
      // A process left behind holds the other end of the pipes; it is reported when disposed of.
      await eventually("the end of the output", () => read || this.children().length > 0);
      this.#ended = true;
      for (const feed of [this.log, this.stdout, this.stderr]) feed.end();
      return exit;
    });
  }

  /** The process id of the supervisor. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** The processes that Hurricane has started and that are alive: app processes and commands. */
  children(): number[] {
    return marked(this.#mark).filter((pid) => pid !== this.pid);
  }

  /** Waits for a line of the log whose message has such words. */
  logged(words: RegExp | string): Promise<LogLine> {
    return this.log.until(`a log line ${shown(words)}`, ({ message }) => hasWords(message, words));
  }

  /** Waits for a line of the handler's output. */
  printed(text: string): Promise<string> {
    return this.stdout.until(`the output "${text}"`, (line) => line === text);
  }

  /** Waits until the probe server listens. */
  async probing(): Promise<this> {
    this.#probeUrl = String((await this.logged(/^probes on /))["probeUrl"]);
    return this;
  }

  /** Waits until the service has started. */
  async serving(): Promise<this> {
    const { url, probeUrl } = await this.logged(/^serving on /);
    this.#url = String(url);
    this.#probeUrl = String(probeUrl);
    return this;
  }

  /** The address of a path of the handler. */
  url(path = "/"): string {
    return new URL(path, this.#url).href;
  }

  /** The address of a path of the probe server. */
  probeUrl(path: string): string {
    return new URL(path, this.#probeUrl).href;
  }

  /** One request to the handler. */
  get(path = "/", options: RequestOptions = {}): Promise<Answer> {
    return request(this.url(path), options);
  }

  /** One request to the probe server. */
  probe(path: string, options: RequestOptions = {}): Promise<Answer> {
    return request(this.probeUrl(path), options);
  }

  /** Asks a probe until it answers with the status. */
  probeUntil(path: string, status: number): Promise<Answer> {
    let last = "no answer";
    return eventually(`${path} to answer ${status}`, async () => {
      const answer = await this.probe(path);
      last = `${answer.status} ${answer.text}`;
      return answer.status === status && answer;
    }).catch((error) => {
      throw new Error(`${error.message}; the last answer was ${last}`);
    });
  }

  /** Sends a signal to the supervisor. */
  signal(name: NodeJS.Signals): void {
    signal(this.pid, name);
  }

  /** Sends a signal to the supervisor and all that it has started, as systemd does by default. */
  signalAll(name: NodeJS.Signals): void {
    for (const pid of [...this.children(), this.pid]) signal(pid, name);
  }

  /** Ctrl-C in a terminal: the signal goes to the whole process group, which must be its own. */
  interrupt(): void {
    signal(-this.pid, "SIGINT");
  }

  /** Ends it, as a kubelet does, and gives the exit code. */
  async stop(name: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.signal(name);
    return (await this.exited).code;
  }

  /**
   * Kills what is left.
   *
   * @throws {Error} when Hurricane has ended and left a process behind.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.#ended ? await this.#leftBehind() : [];
    await eventually("the end of all processes", () => {
      const alive = marked(this.#mark);
      for (const pid of alive) signal(pid, "SIGKILL");
      return alive.length === 0;
    });
    await this.exited;
    rmSync(this.dir, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`processes left behind: ${left.join(", ")}`);
  }

  /** A process that was sent SIGKILL needs a moment to die, and on a busy machine a longer one. */
  async #leftBehind(): Promise<string[]> {
    for (let pauses = 0; pauses < 250 && this.children().length > 0; pauses++) await pause(20);
    return this.children().map((pid) => `${pid} ${commandLine(pid)}`);
  }

  #stderrLine(line: string): void {
    this.stderr.push(line);
    if (!line.startsWith('{"time":')) return;
    this.log.push(JSON.parse(line));
  }
}
