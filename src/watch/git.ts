import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * A lock that is older, in milliseconds, was left behind, or is held while somebody writes a commit
 * message.
 */
const oldestLock = 5000;

/**
 * Whether git is changing the files of a work tree just now: while it does, its index is locked
 * (https://git-scm.com/docs/api-lockfile).
 */
export class Git {
  readonly #lock: string | undefined;
  #locked = false;

  /** The work tree that a folder is part of, if any. */
  constructor(folder: string) {
    const directory = gitDirectory(folder);
    if (directory !== undefined) this.#lock = join(directory, "index.lock");
  }

  /** It is, or was when this was asked last: the events of its last changes may still be on their way. */
  get busy(): boolean {
    const before = this.#locked;
    const lock = this.#lock === undefined
      ? undefined
      : statSync(this.#lock, { throwIfNoEntry: false });
    this.#locked = lock !== undefined && Date.now() - lock.mtimeMs < oldestLock;
    return this.#locked || before;
  }
}

/** `.git` of the work tree; in a linked work tree that is a file that names the directory. */
function gitDirectory(folder: string): string | undefined {
  const path = join(folder, ".git");
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return path;
  if (stat?.isFile()) {
    const [, directory] = /^gitdir: (.*)$/m.exec(readFileSync(path, "utf8")) ?? [];
    return directory === undefined ? undefined : resolve(folder, directory);
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : gitDirectory(parent);
}
