/**
 * Any program with Hurricane in it, as a subprocess: a built app, a container, a compiler.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { type Answer, request, type RequestOptions } from "./http.ts";
import { commandLine, marked, markVariable, signal } from "./processes.ts";
import { eachLine, eventually, Feed } from "./wait.ts";

/** A line of the log; the message's properties beside it. */
export interface LogLine {
  level: string;
  part: string;
  message: string;
  [property: string]: unknown;
}

/** What to start. The environment is these variables and a mark, nothing else. */
export interface Call {
  file: string;
  args?: string[];
  cwd?: string;
  env?: Record<string, string>;
  /** Starts as this user and group; needs root. */
  uid?: number;
}

/** How a program ended, and all that it wrote. */
export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A program and all that it starts. Dispose of it: nothing outlives the test. */
export class Program implements AsyncDisposable {
  /** What its processes carry in their environment. */
  readonly mark: string;
  /** The lines of standard error that are Hurricane's log. */
  readonly log = new Feed<LogLine>();
  readonly stdout = new Feed<string>();
  readonly stderr = new Feed<string>();
  /** Resolves when the process has ended and all its output is read. */
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;
  #url = "";
  #probeUrl = "";

  constructor({ file, args = [], cwd, env = {}, uid }: Call, mark: string = randomUUID()) {
    this.mark = mark;
    this.#child = spawn(file, args, {
      cwd,
      env: { ...env, [markVariable]: mark },
      stdio: ["ignore", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const output = Promise.all([
      eachLine(this.#child.stdout, (line) => this.stdout.push(line)),
      eachLine(this.#child.stderr, (line) => {
        this.stderr.push(line);
        if (line.startsWith('{"time":')) this.log.push(JSON.parse(line));
      }),
    ]);
    const exit = new Promise<number | null>((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", resolve);
    });
    this.ended = Promise.all([exit, output]).then(([code]) => {
      for (const feed of [this.log, this.stdout, this.stderr]) feed.end();
      return { code, stdout: this.stdout.items.join("\n"), stderr: this.stderr.items.join("\n") };
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Waits until the service has started. */
  async serving(): Promise<this> {
    const line = await this.log.until(
      "the service to start",
      ({ message }) => /^serving on /.test(message),
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.stderr.items.join("\n")}`);
    });
    this.#url = String(line["url"]);
    this.#probeUrl = String(line["probeUrl"]);
    return this;
  }

  /** Where the probes listen. */
  get probePort(): string {
    return new URL(this.#probeUrl).port;
  }

  /** The address of a path of the handler. */
  url(path: string): string {
    return new URL(path, this.#url).href;
  }

  /** One request to the handler. */
  get(path = "/", options: RequestOptions = {}): Promise<Answer> {
    return request(this.url(path), options);
  }

  /** One request to the probe server. */
  probe(path: string, options: RequestOptions = {}): Promise<Answer> {
    return request(new URL(path, this.#probeUrl), options);
  }

  /** Ends it, as a kubelet does, and gives the exit code. */
  async stop(): Promise<number | null> {
    signal(this.pid, "SIGTERM");
    return (await this.ended).code;
  }

  /** The processes that it has left behind. */
  leftBehind(): string[] {
    return marked(this.mark).filter((pid) => pid !== this.pid).map((pid) =>
      `${pid} ${commandLine(pid)}`
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await eventually("the end of all processes", () => {
      const alive = marked(this.mark);
      for (const pid of alive) signal(pid, "SIGKILL");
      return alive.length === 0;
    });
    await this.ended;
  }
}

/** Runs a program to its end. */
export async function run(call: Call): Promise<Outcome> {
  await using program = new Program(call);
  return await program.ended;
}
