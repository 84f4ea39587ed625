import { dirname } from "node:path";
import { Burst, type Elapsed, many } from "./burst.ts";
import { Directories } from "./directories.ts";
import { Git } from "./git.ts";
import { type Intervals, Poll } from "./poll.ts";
import { Scope, type ScopeOptions } from "./scope.ts";
import { sameContent, type Signature, signatureOf, stampAt } from "./signature.ts";

/** What to watch, and who is told. */
export interface WatchOptions extends ScopeOptions {
  /** How often to look at the files themselves, whatever events there are. Default 2 s and 0.25 s. */
  intervals?: Intervals;
  /** Gets the files that have changed, sorted, as absolute paths without symbolic links. */
  onChange(files: string[]): void;
}

/**
 * The clock of a file system is behind by up to a tick of the kernel: 10 ms at 100 Hz. It is less than
 * lies between the last event of a change and the start because of it.
 */
const tick = 10;

/** A process tells of a file that it has loaded within this time, in milliseconds, unless it stands still. */
const toldWithin = 2000;

/**
 * How long is gathered what is heard before it is looked at, in milliseconds: with a look at all files for
 * each of the directories of a tree that is deleted, the event loop would stand still for seconds.
 */
const gathering = 10;

/** How long a file may be missing or empty in the middle of being saved, in milliseconds. */
const patience = 150;

/** Files that are written over and over again are not waited for, in milliseconds. */
const longestPatience = 1000;

/** A file that was written while a process read it: whatever it is by now, it counts as changed. */
const changedMeanwhile = "changed meanwhile";

type Known = Signature | typeof changedMeanwhile;

/**
 * Tells when the handler is to be started again: when a file that it consists of has changed.
 *
 * Which files these are, each process tells after its start ({@linkcode Watch.started}), and where it
 * did not start, everything counts that could be the reason ({@linkcode Watch.failed}). No change is
 * lost between {@linkcode Watch.starting} and then.
 */
export class Watch {
  readonly #onChange: (files: string[]) => void;
  readonly #scope: Scope;
  readonly #git: Git;
  readonly #directories: Directories;
  readonly #poll: Poll;
  readonly #burst: Burst;
  /** The files that count, as they were when their last change was told. */
  readonly #known = new Map<string, Known>();
  /** What was heard of and not looked at yet. */
  #unseen = new Set<string>();
  #seeing: ReturnType<typeof setTimeout> | undefined;
  #starting = false;
  #startedAt = Infinity;

  constructor(options: WatchOptions) {
    this.#onChange = options.onChange;
    this.#scope = new Scope(options);
    this.#git = new Git(this.#scope.project);
    this.#burst = new Burst((paths, elapsed) => this.#settle(paths, elapsed));
    this.#poll = new Poll(() => this.#look(), options.intervals);
    this.#directories = new Directories({
      changed: (path) => this.#heard(path),
      unwatchable: (reason) => this.#poll.hurry(reason),
    });
    this.#count(Infinity);
  }

  /** To be called before a process is started: what changes from now on, it may not have read. */
  starting(): void {
    this.#starting = true;
    this.#startedAt = Date.now();
  }

  /** The process that was started runs, and these are the files that it has loaded (absolute paths). */
  started(modules: Iterable<string>): void {
    this.#starting = false;
    this.#scope.started(modules);
    this.#count(this.#startedAt);
  }

  /** The process that runs has loaded more: these, and maybe others before. */
  loaded(modules: Iterable<string>): void {
    this.#scope.loaded(modules);
    this.#count(Math.max(this.#startedAt, Date.now() - toldWithin));
  }

  /**
   * The process that was started does not run. Until one does, everything counts that the handler
   * imports as far as its text tells, the files that the error's trace names, and all source files of
   * the project; and what still runs.
   */
  failed(trace: string): void {
    this.#starting = false;
    this.#scope.failed(trace);
    this.#count(this.#startedAt);
  }

  /** The files that count by now and are there, sorted. */
  get files(): string[] {
    return [...this.#known].filter(([, known]) => known !== undefined).map(([file]) => file).sort();
  }

  /** Nothing is told any more. */
  close(): void {
    clearTimeout(this.#seeing);
    this.#burst.close();
    this.#poll.close();
    this.#directories.close();
    this.#known.clear();
  }

  /** Counts what there is to count. What is new and was written after `since` has changed. */
  #count(since: number): void {
    const { files, directories } = this.#scope.survey();
    // First the watch, then the look: what happens in between is seen twice instead of never.
    this.#directories.watch(directories);
    for (const path of this.#known.keys()) {
      // Of what is gone from a tree is still to be told.
      if (!files.has(path) && !this.#scope.mayHold(path)) this.#known.delete(path);
    }
    for (const path of files) {
      if (this.#known.has(path)) continue;
      const signature = signatureOf(path);
      const late = signature !== undefined && signature.since > since - tick;
      this.#known.set(path, late ? changedMeanwhile : signature);
      if (late) this.#burst.add(path);
    }
  }

  /** Something has happened to a path, or to anything in it where it is a directory. */
  #heard(path: string): void {
    this.#poll.heard(dirname(path));
    if (this.#known.has(path)) this.#burst.add(path);
    this.#unseen.add(path);
    this.#seeing ??= setTimeout(() => this.#see(), gathering).unref();
  }

  /** Looks at what lies at and below the paths that were heard of. */
  #see(): void {
    const paths = this.#unseen;
    this.#unseen = new Set();
    this.#seeing = undefined;
    this.#seeBelow(new Set([...paths].filter((path) => this.#directories.leadsToOne(path))));
    const grown = [...paths].flatMap((path) => this.#scope.grown(path));
    // Watches the new directories, and sees what came into them before.
    if (grown.some((walk) => walk.directories.length > 0)) return this.#count(0);
    for (const file of grown.flatMap((walk) => walk.files)) this.#burst.add(file);
  }

  /** Directories were made, moved or deleted, and nothing else tells of what is in them. */
  #seeBelow(directories: ReadonlySet<string>): void {
    if (directories.size === 0) return;
    for (const file of this.#known.keys()) {
      if (!isBelow(file, directories)) continue;
      this.#poll.heard(dirname(file));
      if (this.#looksChanged(file)) this.#burst.add(file);
    }
  }

  /** Gives the files whose change no event has told of yet. */
  #look(): string[] {
    this.#directories.check();
    const changed = this.#allThatLookChanged();
    const there = this.#poll.hurried ? this.#scope.walk().flatMap((walk) => walk.files) : [];
    const found = [...changed, ...there.filter((path) => !this.#known.has(path))];
    for (const path of found) this.#burst.add(path);
    return found;
  }

  #allThatLookChanged(): string[] {
    return [...this.#known.keys()].filter((path) => this.#looksChanged(path));
  }

  #looksChanged(path: string): boolean {
    const known = this.#known.get(path);
    return known === changedMeanwhile || known?.stamp !== stampAt(path);
  }

  /** Tells of the paths that have changed. `false`: not yet, for more is to come. */
  #settle(paths: ReadonlySet<string>, { sinceFirst, sinceLast }: Elapsed): boolean {
    const patient = sinceLast < patience && sinceFirst < longestPatience;
    // Deno takes its time to tell of many files; what is seen now need not be told later.
    const more = paths.size < many ? [] : this.#allThatLookChanged();
    const changed = new Map<string, Signature>();
    for (const path of new Set([...paths, ...more])) {
      // It may have ceased to count since.
      if (!this.#known.has(path) && !this.#scope.mayHold(path)) continue;
      const before = this.#known.get(path);
      const now = signatureOf(path);
      if (patient && isHalfWritten(before, now)) return false;
      if (this.#hasChanged(before, now)) changed.set(path, now);
      else if (this.#known.has(path)) this.#known.set(path, now);
    }
    if (changed.size === 0) return true;
    if (this.#git.busy) return false;
    for (const [path, now] of changed) this.#known.set(path, now);
    this.#onChange([...changed.keys()].sort());
    return true;
  }

  /**
   * A file that was only touched, or saved as it was, counts: some do so to have it loaded again. Not
   * so during a start: a generator that writes the same file at each start would never come to an end.
   */
  #hasChanged(before: Known, now: Signature): boolean {
    if (before === changedMeanwhile || !sameContent(before, now)) return true;
    return !this.#starting && before?.stamp !== now?.stamp;
  }
}

/** Does a path lie in one of the directories, or below it? */
function isBelow(path: string, directories: ReadonlySet<string>): boolean {
  for (let above = dirname(path);; above = dirname(above)) {
    if (directories.has(above)) return true;
    if (above === dirname(above)) return false;
  }
}

/** Gone or empty: for a moment, some editors' saving looks like that. */
function isHalfWritten(before: Known, now: Signature): boolean {
  if (now !== undefined && !now.empty) return false;
  return before === changedMeanwhile || before?.empty !== now?.empty;
}
