/**
 * An application that runs: by itself, and under Hurricane.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { assertEquals } from "@std/assert";
import { freePort } from "../free_port.ts";
import { form, root, runtime } from "../instance.ts";
import { ownEnvironment, signal } from "../processes.ts";
import { type Call, Program, run } from "../program.ts";
import { TempDir } from "../temp_dir.ts";
import { eventually } from "../wait.ts";
import type { App, Target } from "./app.ts";
import { folderOf } from "./install.ts";
import { Wire } from "./wire.ts";

const executables = {
  bun: process.env["HURRICANE_BUN"] ?? "bun",
  deno: process.env["HURRICANE_DENO"] ?? "deno",
};

/** What both ways to run it have in common. */
class RunningApp implements Target, AsyncDisposable {
  readonly program: Program;
  url = "";
  readonly #app: App;
  readonly #steps: TempDir;

  constructor(app: App, call: Call) {
    this.#app = app;
    this.#steps = new TempDir();
    this.program = new Program({
      cwd: folderOf(app.name),
      ...call,
      env: {
        ...ownEnvironment() as Record<string, string>,
        // Where these are set, srvx, which Nitro has, does not say goodbye: they are of who tests, not of a service.
        CI: "",
        TEST: "",
        ...app.env,
        ...call.env,
        TEST_STEPS: this.#steps.path,
      },
    });
  }

  connect(): Promise<Wire> {
    return Wire.open(this.url, this.#app.ca);
  }

  take(step: string): void {
    writeFileSync(join(this.#steps.path, encodeURIComponent(step)), "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    this.#steps[Symbol.dispose]();
  }
}

/** The application on the runtime alone. */
export class BareApp extends RunningApp {
  /** Starts it, and waits until it can be reached. */
  static async start(app: App): Promise<BareApp> {
    const port = await freePort();
    const words = app.bare?.[runtime] ??
      (runtime === "bun" ? ["{entry}"] : ["run", "-A", "{entry}"]);
    const filled = (word: string) =>
      word.replace("{entry}", entryOf(app)).replace("{port}", String(port));
    const own = Object.entries(app.bareEnv ?? {}).map(([name, value]) => [name, filled(value)]);
    const bare = new BareApp(app, {
      file: executables[runtime],
      args: words.map(filled),
      env: { PORT: String(port), ...Object.fromEntries(own) },
    });
    bare.url = urlOf(app, port);
    let ended = false;
    bare.program.ended.then(() => ended = true);
    try {
      await eventually("the application to listen", async () => {
        if (ended) throw new Error(`${app.name} ended:\n${bare.program.stderr.items.join("\n")}`);
        return await bare.connect().then((wire) => (wire.close(), true), () => false);
      });
      return bare;
    } catch (error) {
      await bare[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** The application under Hurricane, in the form under test. */
export class ServedApp extends RunningApp {
  /** Starts it, and waits until it is served. */
  static async start(app: App): Promise<ServedApp> {
    const port = await freePort();
    const served = new ServedApp(app, {
      file: join(root, form === "executable" ? "dist/hurricane" : "scripts/run"),
      args: [
        ...[
          "serve",
          entryOf(app),
          `--host=${app.host ?? "::"}`,
          `--port=${port}`,
          "--probe-port=0",
        ],
        ...app.args ?? [],
      ],
      env: form === "executable" ? {} : { HURRICANE_RUNTIME: form },
    });
    try {
      await served.program.serving();
      served.url = urlOf(app, port);
      return served;
    } catch (error) {
      await served[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Sends a signal to the supervisor. */
  signal(name: NodeJS.Signals): void {
    signal(this.program.pid, name);
  }
}

/** The application as one executable, in a folder of its own. */
export class BuiltApp extends RunningApp {
  readonly #dir: TempDir;

  constructor(app: App, call: Call, dir: TempDir) {
    super(app, call);
    this.#dir = dir;
  }

  /** Builds it of a copy that is gone when it starts, and waits until it is served. */
  static async start(app: App): Promise<BuiltApp> {
    const { args = [], folder = "." } = app.executable ?? {};
    const dir = new TempDir();
    const file = join(dir.path, "app");
    const copy = folderOf(`${app.name}.copy-${process.pid}`);
    try {
      // Links: with its packages an application may have hundreds of megabytes.
      execFileSync("cp", ["-al", join(folderOf(app.name), folder), copy]);
      const { code, stderr } = await run({
        file: join(root, "dist/hurricane"),
        args: ["build", relative(folder, entryOf(app)), "-o", file, ...args],
        cwd: copy,
        env: {},
      });
      assertEquals(code, 0, stderr);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
    const port = await freePort();
    mkdirSync(join(dir.path, "empty"));
    const built = new BuiltApp(app, {
      file,
      args: [`--host=${app.host ?? "::"}`, `--port=${port}`, "--probe-port=0", ...app.args ?? []],
      cwd: join(dir.path, "empty"),
      env: { TMPDIR: join(dir.path, "tmp") },
    }, dir);
    try {
      await built.program.serving();
      built.url = urlOf(app, port);
      return built;
    } catch (error) {
      await built[Symbol.asyncDispose]();
      throw error;
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    this.#dir[Symbol.dispose]();
  }
}

function entryOf({ entry }: App): string {
  return `./${typeof entry === "string" ? entry : entry[runtime]}`;
}

function urlOf({ ca }: App, port: number): string {
  return `${ca === undefined ? "http" : "https"}://127.0.0.1:${port}`;
}
