/**
 * Hurricane's log, caught for a test to read.
 *
 * @module
 */
import { configureLog, type LogRecord } from "../../src/log.ts";

/** What is logged between `new` and `stop`. */
export class CapturedLog {
  /** The records so far. */
  readonly records: LogRecord[] = [];
  readonly #waiting = new Set<() => void>();

  constructor() {
    configureLog({ logLevel: "debug", logFormat: "json" }, (record) => {
      this.records.push(record);
      for (const check of this.#waiting) check();
    });
  }

  /** The levels, in order. */
  get levels(): string[] {
    return this.records.map((record) => record.level);
  }

  /** Everything that a formatter could print. */
  get text(): string {
    return this.records.map((record) =>
      `${record.level} ${record.message} ${JSON.stringify(record.properties)}`
    ).join("\n");
  }

  /** The first record of a level, as soon as there is one. */
  first(level: string): Promise<LogRecord> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.records.find((record) => record.level === level);
        if (found === undefined) return;
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Stops catching. */
  stop(): void {
    configureLog({ logLevel: "error", logFormat: "json" }, () => {});
  }
}
