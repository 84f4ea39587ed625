import { realpathSync } from "node:fs";
import { relative } from "node:path";
import process from "node:process";
import { messageOf, traceOf } from "../../errors.ts";
import { logger } from "../../log.ts";
import { Watch, type WatchOptions } from "../../watch/watch.ts";
import { reportFailedStart } from "../workers/report.ts";
import type { RestartReason } from "../workers/life.ts";
import type { Worker } from "../workers/worker.ts";

const log = logger("supervisor");

/** A hot reload that is over. */
export interface Reloaded {
  /** What has changed, by paths from the working directory; none where it was asked for. */
  files: readonly string[];
  /** How long it took. */
  seconds: number;
  /** Why what was edited is not served. */
  error?: string;
}

/** The part of the pool that reloads. */
export interface ReloadedPool {
  readonly serving: readonly Worker[];
  start(signal: AbortSignal): Promise<void>;
  replaceAll(reason: RestartReason, signal: AbortSignal): Promise<void>;
}

/**
 * Hot reload: code that has been edited is started beside the code that serves, and takes over once it
 * is up. Code that does not start changes nothing; where there is none that serves, the next edit is
 * waited for.
 */
export class Autoreload {
  readonly #pool: ReloadedPool;
  readonly #signal: AbortSignal;
  readonly #watch: Watch;
  readonly #stateChanged: () => void;
  readonly #handler: string;
  readonly #reloaded: (reload: Reloaded) => void;
  readonly #edited = new Set<string>();
  #news = Promise.withResolvers<void>();
  #attempt = new AbortController();
  #trouble: string | undefined;
  /** The reload that is under way. */
  #reload: { files: readonly string[]; began: number } = { files: [], began: performance.now() };
  /** Was a reload asked for that no file is the reason of? */
  #asked = false;
  #hasTold = false;
  /** Is there something to say of commands, which no edit concerns? */
  #hasCommands: boolean;

  /**
   * @param signal aborted when the service is told to stop
   * @param code what is to be watched, and the commands that have run before it
   * @param stateChanged called when {@linkcode trouble} has changed
   * @param reloaded is told of each reload when it is over
   */
  constructor(
    pool: ReloadedPool,
    signal: AbortSignal,
    code: Omit<WatchOptions, "onChange"> & { handler: string; command: readonly string[] },
    stateChanged: () => void,
    reloaded: (reload: Reloaded) => void,
  ) {
    this.#pool = pool;
    this.#signal = signal;
    this.#stateChanged = stateChanged;
    this.#handler = realpathSync(code.handler);
    this.#reloaded = reloaded;
    this.#hasCommands = code.command.length > 0;
    this.#watch = new Watch({ ...code, onChange: (files) => this.#edit(files) });
    signal.addEventListener("abort", () => this.#close(), { once: true });
  }

  /** Why no code serves, where only an edit can change that. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Starts the handler, as often as it takes. Rejects only where the service is told to stop. */
  async start(): Promise<void> {
    while (!await this.#try((signal) => this.#pool.start(signal))) {
      this.#tellWatched();
      await this.#nextEdit();
      this.#signal.throwIfAborted();
      this.#begin();
    }
    this.#tellWatched();
    if (this.#reload.files.length > 0) this.#end();
    void this.#follow();
  }

  /** Once: what is watched later follows from what is imported then. */
  #tellWatched(): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const others = this.#watch.files.filter((file) => file !== this.#handler);
    log.info("watching {files} for edits", {
      files: listed([this.#handler, ...others].map(fromHere)),
    });
    log.debug("what is watched besides: {files}", { files: others.join(" ") });
  }

  /** A worker is about to be started: what changes from now on it may not have read. */
  starting(): void {
    this.#watch.starting();
  }

  /** A worker serves: what it has imported is what counts. */
  up(worker: Worker): void {
    this.#watch.started(worker.imports);
    worker.onImports = () => this.#watch.loaded(worker.imports);
  }

  /** Starts the handler anew although no file has changed. */
  reload(): void {
    this.#edit([]);
    this.#asked = true;
    this.#wake();
  }

  /** The handler has crashed too often to be started again as it is. */
  gaveUp(reason: string, trace: string): void {
    const [what] = trace.split("\n");
    const why = what === undefined || reason.includes(what) ? reason : `${reason}: ${what}`;
    log.error("the handler has crashed too often, {why}; waiting for an edit", { why });
    this.#watch.failed(trace);
    this.#settle(`the handler has crashed too often, and an edit is waited for: ${why}`);
  }

  async #follow(): Promise<void> {
    for (;;) {
      await this.#nextEdit();
      if (this.#signal.aborted) return;
      this.#begin();
      const done = await this.#try((signal) =>
        this.#pool.serving.length > 0
          ? this.#pool.replaceAll("edit", signal)
          : this.#pool.start(signal)
      );
      if (!done) continue;
      const { files, seconds } = this.#end();
      const milliseconds = Math.round(seconds * 1000);
      log.info("reloaded {files} in {milliseconds}ms", { files: listed(files), milliseconds });
      this.#tellOfCommands();
    }
  }

  /** Once: whoever edits a migration may wait for it to be run. */
  #tellOfCommands(): void {
    if (this.#hasCommands) log.info("commands are not run again: restart Hurricane for that");
    this.#hasCommands = false;
  }

  #begin(): void {
    const files = [...this.#edited].map(fromHere);
    this.#reload = { files, began: performance.now() };
    this.#edited.clear();
  }

  #end(error?: string): Reloaded {
    const { files, began } = this.#reload;
    const why = error === undefined ? {} : { error };
    const reload = { files, seconds: (performance.now() - began) / 1000, ...why };
    this.#reloaded(reload);
    return reload;
  }

  /** Does it work? An edit that comes meanwhile ends the attempt: it is out of date. */
  async #try(start: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    this.#attempt = new AbortController();
    const { signal } = this.#attempt;
    try {
      await start(signal);
      this.#settle(undefined);
      return true;
    } catch (error) {
      if (signal.aborted || this.#signal.aborted) return false;
      reportFailedStart("the handler cannot be started", error);
      this.#fail(messageOf(error), traceOf(error));
      return false;
    }
  }

  #fail(reason: string, trace: string): void {
    this.#watch.failed(trace);
    this.#end(reason);
    if (this.#pool.serving.length > 0) log.warn("the code from before the edit still serves");
    else this.#settle(`the handler cannot be started, and an edit is waited for: ${reason}`);
  }

  #settle(trouble: string | undefined): void {
    this.#trouble = trouble;
    this.#stateChanged();
  }

  /** Resolves at once where there was an edit that is not served; also when the service is to stop. */
  async #nextEdit(): Promise<void> {
    if (this.#edited.size === 0 && !this.#asked && !this.#signal.aborted) await this.#news.promise;
    this.#asked = false;
  }

  #edit(files: readonly string[]): void {
    for (const file of files) this.#edited.add(file);
    this.#attempt.abort();
    this.#wake();
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }

  #close(): void {
    this.#watch.close();
    this.#attempt.abort();
    this.#wake();
  }
}

function fromHere(file: string): string {
  return relative(realpathSync(process.cwd()), file);
}

/** Names one, and says how many others there are. */
function listed([first = "", ...others]: readonly string[]): string {
  if (others.length === 0) return first || "the handler";
  return `${first} and ${others.length} more`;
}
