/**
 * A handler with files before it, in this process.
 *
 * @module
 */
import { readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { App } from "../../../src/app/app.ts";
import { handlerFrom } from "../../../src/app/handler.ts";
import type { AppOptions } from "../../../src/app/options.ts";
import type { Answer } from "../../support/http.ts";
import { type RawOptions, rawRequest } from "../../support/raw.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { appOptions } from "../../support/workers.ts";

/** What no answer may contain. */
export const secret = "SECRET";

/**
 * Lays a folder `public` with a few files, ways out of it, and secrets around it:
 *
 *     public/a.txt  sub/b.html  sub/index.html  .env  .git/config
 *     public/in -> a.txt  sub/up -> ../a.txt  out -> ../secret.txt  parent -> ..  evil -> ../public-evil
 */
export function layFiles(dir: TempDir): string {
  dir.file("public/a.txt", "0123456789");
  dir.file("public/sub/b.html", "<p>b");
  dir.file("public/sub/index.html", "<p>index of sub");
  for (
    const name of ["secret.txt", "public-evil/secret.txt", "public/.env", "public/.git/config"]
  ) {
    dir.file(name, secret);
  }
  const links = {
    "in": "a.txt",
    "sub/up": "../a.txt",
    "out": "../secret.txt",
    "parent": "..",
    "evil": "../public-evil",
    "absolute": join(dir.path, "secret.txt"),
    "dangling": "nowhere",
    "loop": "loop",
  };
  for (const [name, target] of Object.entries(links)) {
    symlinkSync(target, join(dir.path, "public", name));
  }
  return join(dir.path, "public");
}

/** A folder of {@linkcode layFiles}, served below `/static/` unless the options say otherwise. */
export class Served implements AsyncDisposable {
  readonly dir: TempDir;
  readonly app: App;
  readonly port: number;

  private constructor(dir: TempDir, app: App, port: number) {
    this.dir = dir;
    this.app = app;
    this.port = port;
  }

  /** Before a handler that says who it is. */
  static async open(
    options: (dir: TempDir) => Partial<AppOptions> = () => ({}),
    handler: object = () => new Response("the handler"),
  ): Promise<Served> {
    const dir = new TempDir();
    const given = { ...appOptions, static: [layFiles(dir)], ...options(dir) };
    const app = new App(handlerFrom("it", { default: handler }), given);
    const { port } = await app.listen(0);
    return new Served(dir, app, port);
  }

  /** One request with this very path. */
  get(path: string, options?: RawOptions): Promise<Answer> {
    return rawRequest(`http://127.0.0.1:${this.port}`, path, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.stop(0);
    this.dir[Symbol.dispose]();
  }
}

/** The open files of this process below a folder. */
export function openFiles(folder: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(`${folder}/`) ? [path] : [];
    } catch {
      // The descriptor with which the folder itself was read.
      return [];
    }
  });
}
