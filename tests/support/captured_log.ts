/**
 * Hurricane's log, caught for a test to read.
 *
 * @module
 */
import { configureLog, type LogRecord } from "../../src/log.ts";
import { Feed, hasWords, shown } from "./wait.ts";

/** What is logged until it is disposed of, at all levels; from then on the log is silent. */
export class CapturedLog implements Disposable {
  readonly #feed = new Feed<LogRecord>();

  constructor() {
    configureLog({ logLevel: "debug", logFormat: "json" }, (record) => this.#feed.push(record));
  }

  /** The records so far. */
  get records(): readonly LogRecord[] {
    return this.#feed.items;
  }

  /** The levels, in order. */
  get levels(): string[] {
    return this.records.map(({ level }) => level);
  }

  /** The messages, in order. */
  get messages(): string[] {
    return this.records.map(({ message }) => message);
  }

  /** Everything that a formatter could print. */
  get text(): string {
    return this.records.map(({ level, message, properties }) =>
      `${level} ${message} ${JSON.stringify(properties)}`
    ).join("\n");
  }

  /** The lines that commands wrote, in all or to one stream. */
  lines(stream?: string): string[] {
    return this.records
      .filter(({ properties }) => stream === undefined || properties["stream"] === stream)
      .flatMap(({ properties }) =>
        typeof properties["line"] === "string" ? [properties["line"]] : []
      );
  }

  /** The first record of a level, as soon as there is one. */
  first(level: string): Promise<LogRecord> {
    return this.#feed.until(`a record at ${level}`, (record) => record.level === level);
  }

  /** The first record whose message has such words, as soon as there is one. */
  logged(words: RegExp | string): Promise<LogRecord> {
    return this.#feed.until(`a record ${shown(words)}`, ({ message }) => hasWords(message, words));
  }

  /** The first line of a command that matches, as soon as there is one. */
  async line(pattern: RegExp): Promise<string> {
    const matches = ({ properties }: LogRecord): boolean =>
      typeof properties["line"] === "string" && pattern.test(properties["line"]);
    return String((await this.#feed.until(`a line ${pattern}`, matches)).properties["line"]);
  }

  /** Forgets what was logged. */
  clear(): void {
    this.#feed.items.length = 0;
  }

  [Symbol.dispose](): void {
    configureLog({ logLevel: "error", logFormat: "json" }, () => {});
  }
}
