import process from "node:process";
import { inColour, isPretty, type LogFormat, writeLine } from "../log.ts";

/** How much is gathered before it is written without waiting for the end of the turn, in characters. */
const enough = 32 * 1024;

/**
 * A line for each request, on standard error like the rest of the log.
 *
 * The lines of one turn of the event loop are written together: a write for each request would
 * cost more than many handlers do.
 */
export class AccessLog {
  #lines = "";
  readonly #pretty: boolean;

  constructor(format: LogFormat) {
    this.#pretty = isPretty(format);
    process.on("exit", this.#flush);
  }

  /** Writes what is left. */
  close(): void {
    this.#flush();
    process.off("exit", this.#flush);
  }

  /** Notes one answered request. The path is logged as the client sent it, its query included. */
  write(method: string, url: string, status: number, seconds: number, client?: string): void {
    if (this.#lines === "") setImmediate(this.#flush);
    const path = url.slice(url.indexOf("/", url.indexOf("//") + 2));
    const time = new Date().toISOString();
    const milliseconds = Math.round(seconds * 1e6) / 1e3;
    this.#lines += this.#pretty
      ? `${inColour(2, time.slice(11, 23))} ${status} ${method} ${path} ${milliseconds}ms\n`
      : JSON.stringify({
        time,
        level: "info",
        part: "access",
        message: `${method} ${path} ${status}`,
        method,
        path,
        status,
        duration_ms: milliseconds,
        client,
      }) + "\n";
    if (this.#lines.length > enough) this.#flush();
  }

  readonly #flush = (): void => {
    const lines = this.#lines;
    this.#lines = "";
    if (lines !== "") writeLine(lines);
  };
}
