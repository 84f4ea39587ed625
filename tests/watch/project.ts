/**
 * A project in a folder of its own, watched, with what was told of it.
 *
 * @module
 */
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Watch } from "../../src/watch/watch.ts";
import { TempDir } from "../support/temp_dir.ts";
import { Feed, pause } from "../support/wait.ts";

/** The file that is changed to see that nothing else has been told. */
const sentinel = "app/sentinel.ts";

/** What to set up. */
export interface ProjectOptions {
  /** Paths of files that exist from the start, besides the handler. */
  files?: string[];
  /** Those of them that the handler has imported. Default all. */
  imported?: string[];
  watchPath?: string[];
  /** Relative to the folder. Default `app/handler.ts`. */
  handler?: string;
}

/** A handler `app/handler.ts` that has been started with all its files, and the watch on it. */
export class WatchedProject implements Disposable {
  readonly dir = new TempDir();
  readonly watch: Watch;
  readonly #changes = new Feed<string[]>();
  #count = 0;

  private constructor(
    { files = [], watchPath = [], handler = "app/handler.ts" }: ProjectOptions,
  ) {
    for (const file of ["app/handler.ts", sentinel, ...files]) this.write(file);
    this.watch = new Watch({
      handler: this.path(handler),
      watchPath,
      cwd: this.path("app"),
      // Only events count here.
      intervals: { slow: 3_600_000, fast: 3_600_000 },
      onChange: (changed) => this.#changes.push(changed.map((file) => this.relative(file))),
    });
  }

  /** Resolves when the files are old enough for nobody to think that a start had missed them. */
  static async start(options: ProjectOptions = {}): Promise<WatchedProject> {
    const project = new WatchedProject(options);
    await project.restart(...options.imported ?? options.files ?? []);
    return project;
  }

  /** The handler is started again, after a moment in which nothing has changed, and has imported this. */
  async restart(...files: string[]): Promise<void> {
    await pause(30);
    this.watch.starting();
    this.started(...files);
  }

  /** The handler runs, and has imported these files. */
  started(...files: string[]): void {
    this.watch.started(this.paths("app/handler.ts", sentinel, ...files));
  }

  /** All that has been told, each time the paths. */
  get changes(): readonly string[][] {
    return this.#changes.items;
  }

  /** Absolute. */
  path(file: string): string {
    return join(this.dir.path, file);
  }

  paths(...files: string[]): string[] {
    return files.map((file) => this.path(file));
  }

  relative(path: string): string {
    return path.slice(this.dir.path.length + 1);
  }

  /** Writes a file with new content, and gives its path. */
  write(file: string, text = `export const value = ${++this.#count};\n`): string {
    return this.dir.file(file, text);
  }

  move(from: string, to: string): void {
    renameSync(this.path(from), this.path(to));
  }

  delete(path: string): void {
    rmSync(this.path(path), { recursive: true });
  }

  /**
   * What is told because of an action, each time one line of paths. Changes another file then, twice: by
   * the time that this is told, whatever else there was to be told would have been.
   */
  async told(action: () => unknown, times = 1): Promise<string[]> {
    const before = this.#changes.items.length;
    await action();
    if (times > 0) await this.#changes.first(before + times);
    for (let round = 1; round <= 2; round++) {
      this.write(sentinel);
      await this.#changes.first(before + times + round);
    }
    const told = this.#changes.items.slice(before).map((files) => files.join(" "));
    return told.slice(-2).every((line) => line === sentinel) ? told.slice(0, -2) : told;
  }

  [Symbol.dispose](): void {
    this.watch.close();
    this.dir[Symbol.dispose]();
  }
}
