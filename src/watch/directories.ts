import { statSync } from "node:fs";
import { dirname, sep } from "node:path";
import { messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import { runtime } from "../runtime/mod.ts";

const log = logger("watch");

/**
 * How long a path rests between its old watch and its new one, in milliseconds: Deno ends a watch a
 * moment after `close`, and takes a new one on the same path with it.
 */
const rest = 10;

/** Who is told. */
export interface DirectoriesListener {
  /** Something has happened to this path, or, where it is a directory, to anything in it. */
  changed(path: string): void;
  /** The system refuses to watch a directory: nobody is told of what happens there. */
  unwatchable(reason: string): void;
}

/**
 * Watches what is in directories, not below them.
 *
 * Directories and not files: an editor that renames a new file over the old one takes the watch away
 * with the old one. A directory that does not exist yet is waited for, and one that was deleted or
 * moved and comes back is watched anew.
 */
export class Directories {
  readonly #listener: DirectoriesListener;
  readonly #watched = new Map<
    string,
    { watcher: ReturnType<typeof runtime.watchDirectory>; identity: string }
  >();
  /** When each was left that may not be watched anew yet; infinite until it has been. */
  readonly #resting = new Map<string, number>();
  #checking: ReturnType<typeof setTimeout> | undefined;
  readonly #unwatchable = new Set<string>();
  #wanted = new Set<string>();
  /** The wanted directories and those on the way to them. */
  #ways = new Set<string>();

  constructor(listener: DirectoriesListener) {
    this.#listener = listener;
  }

  /** Watches these directories, given by their real paths, and no others. */
  watch(directories: Iterable<string>): void {
    this.#wanted = new Set(directories);
    this.#ways = new Set();
    for (const directory of this.#wanted) {
      for (let way = directory; !this.#ways.has(way); way = dirname(way)) this.#ways.add(way);
    }
    this.#arm();
  }

  /** Is this one of the directories, or on the way to one? */
  leadsToOne(path: string): boolean {
    return this.#ways.has(path);
  }

  /** Watches again what was deleted, moved or made meanwhile, and tells of it. */
  check(): void {
    for (const directory of this.#arm()) this.#listener.changed(directory);
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) void watcher.close();
    clearTimeout(this.#checking);
    this.#watched.clear();
    this.#resting.clear();
    this.#wanted.clear();
    this.#ways.clear();
  }

  /** Gives the directories that were not watched before. */
  #arm(): string[] {
    const targets = new Set<string>();
    for (const directory of this.#wanted) {
      const existing = nearest(directory);
      // A directory does not always tell of its own end; the one above it does.
      targets.add(existing).add(dirname(existing));
    }
    for (const [directory, { identity }] of this.#watched) {
      if (identity !== identityOf(directory) || !targets.has(directory)) this.#unwatch(directory);
    }
    return [...targets].filter((directory) => this.#watch(directory));
  }

  /** Was it not watched before? */
  #watch(directory: string): boolean {
    if (this.#watched.has(directory) || this.#rests(directory)) return false;
    if (this.#unwatchable.has(directory)) return false;
    const identity = identityOf(directory);
    if (identity === undefined) return false;
    try {
      const watcher = runtime.watchDirectory(directory, {
        changed: (path) => this.#heard(path),
        failed: (error) => this.#refused(directory, error),
      });
      this.#watched.set(directory, { watcher, identity });
    } catch (error) {
      this.#refused(directory, error);
      return false;
    }
    return true;
  }

  #rests(directory: string): boolean {
    const since = this.#resting.get(directory);
    if (since !== undefined && performance.now() - since < rest) return true;
    this.#resting.delete(directory);
    return false;
  }

  #heard(path: string): void {
    if (this.#ways.has(path)) {
      // It went, came, or both at once: the watch on it, and on Deno those on what is in it, may be gone
      // although it looks the same.
      for (const directory of this.#watched.keys()) {
        if (directory === path || directory.startsWith(path + sep)) this.#unwatch(directory);
      }
      this.#checkSoon();
    }
    this.#listener.changed(path);
  }

  /** Once for all that is heard meanwhile: a look at all directories for each of them would be quadratic. */
  #checkSoon(): void {
    this.#checking ??= setTimeout(() => {
      this.#checking = undefined;
      for (const directory of this.#resting.keys()) this.#rests(directory);
      this.check();
      if (this.#resting.size > 0) this.#checkSoon();
    }, rest).unref();
  }

  #unwatch(directory: string): void {
    const watched = this.#watched.get(directory);
    if (watched === undefined) return;
    this.#watched.delete(directory);
    this.#resting.set(directory, Infinity);
    void Promise.resolve(watched.watcher.close()).then(() => {
      if (this.#resting.has(directory)) this.#resting.set(directory, performance.now());
    });
    this.#checkSoon();
  }

  #refused(directory: string, error: unknown): void {
    this.#unwatch(directory);
    // It was deleted a moment ago; the directory above it tells when it is back.
    if (identityOf(directory) === undefined) return;
    this.#unwatchable.add(directory);
    const reason = messageOf(error);
    log.debug("cannot watch {directory}: {reason}", { directory, reason });
    // Of the directories above the wanted ones nothing is expected but their end.
    if (!this.#wanted.has(directory)) return;
    this.#listener.unwatchable(`cannot watch ${directory}: ${reason}${hint(error)}`);
  }
}

/** The directory itself, or the nearest above it that exists. */
function nearest(directory: string): string {
  const parent = dirname(directory);
  return identityOf(directory) !== undefined || parent === directory ? directory : nearest(parent);
}

/** What to do about it, on Linux: https://man7.org/linux/man-pages/man7/inotify.7.html */
function hint(error: unknown): string {
  const setting = /ENOSPC|watch limit/.test(String(error))
    ? "max_user_watches"
    : /EMFILE|Too many open files/.test(String(error))
    ? "max_user_instances"
    : undefined;
  return setting === undefined ? "" : ` (raise fs.inotify.${setting})`;
}

function identityOf(directory: string): string | undefined {
  try {
    const stat = statSync(directory);
    return stat.isDirectory() ? `${stat.ino} ${stat.birthtimeMs}` : undefined;
  } catch {
    // It does not exist, or cannot be reached: either way it cannot be watched.
    return undefined;
  }
}
