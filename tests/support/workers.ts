/**
 * Real processes around handlers, for tests of what supervises them.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { AppOptions } from "../../src/app/options.ts";
import { resolveOptions } from "../../src/options/resolve.ts";
import { program } from "../../src/runtime/program.ts";
import { appOptions as appOptionsOf } from "../../src/supervisor/process/app_options.ts";
import { AppProcess, type ProbeResponder } from "../../src/supervisor/process/app_process.ts";
import { request } from "./http.ts";
import { TempDir } from "./temp_dir.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** A handler whose answer never comes. */
export const never = `export default { fetch: () => new Promise(() => {}) };`;

/** A handler whose event loop stands still once it is asked for anything. */
export const blocking = `export default { fetch: () => { while (true); } };`;

/** Options of a worker on a free port of the loopback interface. */
export const appOptions: AppOptions = appOptionsOf(
  resolveOptions({ host: "127.0.0.1", logLevel: "error", logFormat: "json" }, {}),
  { hostname: "127.0.0.1", reusePort: false },
);

// The program that a test runs in is the test; the one to be started once more is Hurricane.
const self = program.self.bind(program);
program.self = (handler, inspector) => {
  const { file, args, env } = self(handler, inspector);
  return { file, args: [...args.slice(0, -1), main], env };
};

/** A worker in a process of its own, killed when it is disposed of. */
export class RunningApp implements AsyncDisposable {
  readonly worker: AppProcess;
  readonly #dir: TempDir;

  private constructor(worker: AppProcess, dir: TempDir) {
    this.worker = worker;
    this.#dir = dir;
  }

  /** Starts a handler that is given as source. Rejects as {@linkcode AppProcess} does. */
  static async start(
    source: string,
    options: Partial<AppOptions> = {},
    respond?: ProbeResponder,
    port = 0,
  ): Promise<RunningApp> {
    const dir = new TempDir();
    try {
      const handler = dir.file("handler.ts", source);
      const config = { handler, options: { ...appOptions, ...options } };
      const worker = new AppProcess(config, respond);
      await worker.loaded;
      await worker.listen(port);
      return new RunningApp(worker, dir);
    } catch (error) {
      dir[Symbol.dispose]();
      throw error;
    }
  }

  /** The address of a path. */
  url(path = "/"): string {
    const { hostname, port } = this.worker.address;
    return `http://${hostname}:${port}${path}`;
  }

  /** Sends a request that is not going to be answered. */
  provoke(): void {
    request(this.url()).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.worker.kill();
    await this.worker.exit;
    this.#dir[Symbol.dispose]();
  }
}
