import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { envFiles } from "./env_files.ts";
import { importGraph } from "../source/imports.ts";
import { projectOf } from "./project.ts";
import { isOwn, placesIn } from "../source/trace.ts";
import { isSource, Tree, type Walk } from "./tree.ts";

/** What to watch. */
export interface ScopeOptions {
  /** Absolute path of the handler; without one, the handler is built into the program. */
  handler?: string;
  /** More files, and directories of files; they need not exist. */
  watchPath: readonly string[];
  /** The working directory: relative paths start there, and `.env` files lie there. Absolute. */
  cwd: string;
}

/** So many files of a project are watched while it does not start. */
const mostOfProject = 5000;

/** Which files count. All paths that it gives are without symbolic links. */
export class Scope {
  /** The folder of the handler's project. */
  readonly project: string;
  readonly #handler: string[];
  readonly #always: string[];
  readonly #paths: Tree[];
  #trees: Tree[];
  #modules = new Set<string>();
  #broken = new Set<string>();

  constructor({ handler, watchPath, cwd }: ScopeOptions) {
    const project = projectOf(real(handler === undefined ? cwd : dirname(handler)), real(cwd));
    this.project = project.folder;
    this.#handler = handler === undefined ? [] : [handler];
    this.#always = [...this.#handler, ...envFiles(cwd), ...project.configuration];
    this.#paths = watchPath.map((path) => new Tree(real(resolve(cwd, path))));
    this.#trees = this.#paths;
  }

  /** What runs now has imported this, and nothing else. */
  started(modules: Iterable<string>): void {
    this.#modules.clear();
    this.loaded(modules);
    this.#broken.clear();
    this.#trees = this.#paths;
  }

  /** What runs has imported this as well. */
  loaded(modules: Iterable<string>): void {
    for (const path of modules) {
      // From source, Bun counts Hurricane's main module among what was imported.
      if (!isOwn(path)) this.#modules.add(path);
    }
  }

  /** What was started does not run: whatever may be the reason counts, too. */
  failed(trace: string): void {
    const named = placesIn(trace).map(({ file }) => file);
    this.#broken = new Set(importGraph([...this.#handler, ...named]).keys());
    this.#trees = [...this.#paths, new Tree(this.project, isSource, mostOfProject)];
  }

  /** All files that count, whether they exist or not, and the directories in which more may come up. */
  survey(): { files: Set<string>; directories: Set<string> } {
    const walks = this.walk();
    const pages = [...this.#modules].filter((path) => path.endsWith(".html"));
    const files = new Set(
      [
        ...[...this.#always, ...this.#modules, ...this.#broken],
        // What a page consists of is bundled when it is first asked for, and never again.
        ...importGraph(pages).keys(),
        ...walks.flatMap((walk) => walk.files),
      ].flatMap(places),
    );
    const directories = [
      ...walks.flatMap((walk) => walk.directories),
      ...[...files].map((file) => dirname(file)),
    ];
    return { files, directories: new Set(directories) };
  }

  /** What counts because of where it is. */
  walk(): Walk[] {
    return this.#trees.map((tree) => tree.walk());
  }

  /** May a file come up at this path that counts because of where it is? */
  mayHold(path: string): boolean {
    return this.#trees.some((tree) => tree.holds(path));
  }

  /** What counts because of where it is, now that something has happened to a path. */
  grown(path: string): Walk[] {
    return this.#trees.flatMap((tree) => tree.grown(path));
  }
}

/** Where a file lies, and where it leads to if it is a symbolic link. */
function places(path: string): string[] {
  const place = join(real(dirname(path)), basename(path));
  const target = real(place);
  return target === place ? [place] : [place, target];
}

/** The path without symbolic links, as far as it exists. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(real(parent), basename(path));
  }
}
