import { type Dirent, readdirSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";

/** What an editor leaves beside a file, or tries a directory with: `x~`, `#x#`, `4913`; and dotfiles. */
const notForUs = /^\.|~$|^#.*#$|^4913$/;

/** Extensions of what a handler may import, or be configured with. */
const source =
  /\.(?:[cm]?[jt]sx?|jsonc?|json5|html|css|txt|md|toml|ya?ml|graphql|gql|sql|wasm|svelte|vue)$/i;

/** Does the name look like something that a handler imports? */
export function isSource(name: string): boolean {
  return source.test(name);
}

/** What was found in a tree. */
export interface Walk {
  /** The files that count. */
  files: string[];
  /** The directories in which more may come up. */
  directories: string[];
}

/** A directory with all that is below it, except for `node_modules`, dotfiles and editors' leavings. */
export class Tree {
  readonly root: string;
  readonly #counts: (name: string) => boolean;
  readonly #most: number;

  /**
   * @param root A real path; it may be a file, and need not exist.
   * @param counts Which files count, by their names. Default all.
   * @param most After so many files the rest is left out.
   */
  constructor(root: string, counts: (name: string) => boolean = () => true, most = Infinity) {
    this.root = root;
    this.#counts = counts;
    this.#most = most;
  }

  /** Is this path one that would count if it were a file, or a directory with such files? */
  holds(path: string): boolean {
    if (path === this.root) return true;
    const below = relative(this.root, path);
    if (below.startsWith("..")) return false;
    return !below.split(sep).some(isLeftOut);
  }

  /** What has come up in the tree, now that something has happened to a path. */
  grown(path: string): Walk[] {
    if (this.holds(path)) return [this.walk(path)];
    return this.root.startsWith(path + sep) ? [this.walk()] : [];
  }

  /** What there is at `path` and below it. */
  walk(path: string = this.root): Walk {
    const files: string[] = [];
    const directories: string[] = [];
    const todo = [path];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      if (!isDirectory(next)) {
        if (next === this.root || this.#counts(basename(next))) files.push(next);
        continue;
      }
      directories.push(next);
      for (const entry of entriesOf(next)) {
        const child = join(next, entry.name);
        if (isLeftOut(entry.name)) continue;
        if (entry.isDirectory()) todo.push(child);
        else if (this.#counts(entry.name)) files.push(child);
      }
      if (files.length > this.#most) break;
    }
    return { files, directories };
  }
}

function isLeftOut(name: string): boolean {
  return name === "node_modules" || notForUs.test(name);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // It does not exist yet, or any more.
    return false;
  }
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    // It was deleted in between, or may not be read: then nothing in it counts.
    return [];
  }
}
