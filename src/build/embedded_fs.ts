/**
 * `node:fs` for a program that `hurricane build` made with `--asset`.
 *
 * Bun (1.4) reads embedded files with `readFile`, `stat` and `readdir`, and has no streams of them, no
 * `realpath`, and no times: all would seem as old as Unix, and the same after each build, by which caches of
 * clients go. It is part of built programs alone.
 *
 * @module
 */
import type * as Fs from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

type Done<T> = (error: Error | null, value?: T) => void;
type Call = (...args: unknown[]) => unknown;

/**
 * The module's functions, of which some know embedded files.
 *
 * @param fs The runtime's.
 * @param root Where files are embedded.
 * @param times When each was changed, in ms since 1970, by its path from there.
 */
export function embeddedFs(
  fs: typeof Fs,
  root: string,
  times: Readonly<Record<string, number>>,
): typeof Fs {
  /** The path of an embedded file, or `undefined`. */
  const inside = (path: unknown): string | undefined => {
    const text = path instanceof URL
      ? path.protocol === "file:" ? fileURLToPath(path) : ""
      : String(path);
    if (!text.startsWith(root)) return undefined;
    const found = resolve(text);
    return fs.existsSync(found) ? found : undefined;
  };

  const dated = <T>(path: unknown, stats: T): T => {
    const time = times[inside(path)?.slice(root.length + 1) ?? ""];
    if (time !== undefined && stats instanceof fs.Stats) {
      const date = new Date(time);
      Object.assign(stats, { mtimeMs: time, ctimeMs: time, mtime: date, ctime: date });
    }
    return stats;
  };

  const statSync = (original: unknown): Call => (path, ...rest) =>
    dated(path, (original as Call)(path, ...rest));
  const statLater = (original: unknown): Call => async (path, ...rest) =>
    dated(path, await (original as Call)(path, ...rest));
  const statBack = (original: unknown): Call => (path, ...rest) => {
    const done = rest.pop() as Done<unknown>;
    const datedDone: Done<unknown> = (error, stats) => done(error, dated(path, stats));
    return (original as Call)(path, ...rest, datedDone);
  };

  const realpath: Call = (path, ...rest) => {
    const found = inside(path);
    if (found === undefined) return (fs.realpath as Call)(path, ...rest);
    const done = rest.pop() as Done<string>;
    queueMicrotask(() => done(null, found));
  };
  const realpathSync: Call = (path, ...rest) =>
    inside(path) ?? (fs.realpathSync as Call)(path, ...rest);

  return {
    ...fs,
    stat: statBack(fs.stat),
    lstat: statBack(fs.lstat),
    statSync: statSync(fs.statSync),
    lstatSync: statSync(fs.lstatSync),
    realpath: Object.assign(realpath, { native: realpath }),
    realpathSync: Object.assign(realpathSync, { native: realpathSync }),
    createReadStream: ((path: Fs.PathLike, options?: BufferEncoding | StreamOptions) => {
      const found = inside(path);
      return found === undefined ? fs.createReadStream(path, options) : new EmbeddedStream(
        fs,
        found,
        typeof options === "string" ? { encoding: options } : options,
      );
    }) as Call,
    promises: {
      ...fs.promises,
      stat: statLater(fs.promises.stat),
      lstat: statLater(fs.promises.lstat),
      realpath:
        (async (path: unknown, ...rest: unknown[]) =>
          inside(path) ?? await (fs.promises.realpath as Call)(path, ...rest)) as Call,
    },
  } as typeof Fs;
}

/** What `createReadStream` takes, as far as it matters here. */
interface StreamOptions {
  encoding?: BufferEncoding;
  highWaterMark?: number;
  start?: number;
  /** The last byte that is read. */
  end?: number;
}

/** A file that is part of the program, as `fs.ReadStream` would read it. */
class EmbeddedStream extends Readable {
  readonly path: string;
  bytesRead = 0;
  readonly #fs: typeof Fs;
  readonly #start: number;
  readonly #end: number;
  #rest = new Uint8Array();

  constructor(fs: typeof Fs, path: string, { encoding, ...options }: StreamOptions = {}) {
    super({
      highWaterMark: options.highWaterMark ?? 64 * 1024,
      ...(encoding === undefined ? {} : { encoding }),
    });
    this.#fs = fs;
    this.path = path;
    this.#start = options.start ?? 0;
    this.#end = (options.end ?? Infinity) + 1;
  }

  override _construct(done: (error?: Error | null) => void): void {
    this.#fs.readFile(this.path, (error, content) => {
      if (error === null) this.#rest = content.subarray(this.#start, this.#end);
      done(error);
      if (error !== null) return;
      this.emit("open");
      this.emit("ready");
    });
  }

  override _read(size: number): void {
    const part = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(part.length);
    this.bytesRead += part.length;
    this.push(part.length === 0 ? null : part);
  }

  close(done?: (error?: Error | null) => void): void {
    if (done !== undefined) this.once("close", done);
    this.destroy();
  }
}
