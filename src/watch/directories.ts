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
  readonly #watched = new Map<string, { watcher: { close(): void }; identity: string }>();
  readonly #resting = new Map<string, ReturnType<typeof setTimeout>>();
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
    for (const { watcher } of this.#watched.values()) watcher.close();
    for (const timer of this.#resting.values()) clearTimeout(timer);
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
    if (this.#watched.has(directory) || this.#resting.has(directory)) return false;
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

  #heard(path: string): void {
    if (this.#ways.has(path)) {
      // It went, came, or both at once: the watch on it, and on Deno those on what is in it, may be gone
      // although it looks the same.
      for (const directory of this.#watched.keys()) {
        if (directory === path || directory.startsWith(path + sep)) this.#unwatch(directory);
      }
      this.check();
    }
    this.#listener.changed(path);
  }

  #unwatch(directory: string): void {
    const watched = this.#watched.get(directory);
    if (watched === undefined) return;
    watched.watcher.close();
    this.#watched.delete(directory);
    const timer = setTimeout(() => {
      this.#resting.delete(directory);
      this.check();
    }, rest);
    this.#resting.set(directory, timer.unref());
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
