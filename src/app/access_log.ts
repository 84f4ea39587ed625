import type { LogFormat } from "../log.ts";
import { inColour, isPretty, localTime } from "../log/line.ts";
import { visible } from "../plain_text.ts";
import { writeUnblocked } from "../log/unblocked.ts";
import { targetOf } from "../request_head.ts";
import { AccessBytes } from "./access_bytes.ts";
import type { AccessColumns } from "./access_columns.ts";
import { defaultAccessLogFields } from "./access_fields.ts";
import { keepListening, stopListening } from "./kept_listeners.ts";
import type { AppOptions } from "./options.ts";
import type { Header } from "./trusted_proxies.ts";
import { Date, setImmediate } from "../natives.ts";

/**
 * A line for each request, on standard error like the rest of the log.
 *
 * The lines of one turn of the event loop are written together: a write for each request would
 * cost more than many handlers do.
 */
export class AccessLog {
  readonly #lines = new AccessBytes();
  readonly #clock: Clock;
  readonly #pretty: boolean;
  readonly #columns: AccessColumns | undefined;

  /** The one that the options ask for, if they do. What few ask for is loaded only for them. */
  static async open(
    { accessLog, accessLogFields, trustedProxy, logFormat, tls }: AppOptions,
  ): Promise<AccessLog | undefined> {
    if (!accessLog) return undefined;
    if (accessLogFields === defaultAccessLogFields && trustedProxy.length === 0) {
      return new AccessLog(logFormat);
    }
    const { AccessColumns } = await import("./access_columns.ts");
    const scheme = tls === undefined ? "http" : "https";
    const pretty = isPretty(logFormat);
    const columns = new AccessColumns({ accessLogFields, trustedProxy, pretty, scheme });
    return new AccessLog(logFormat, columns);
  }

  /** @param columns what makes its lines, where they are not the usual ones */
  constructor(format: LogFormat, columns?: AccessColumns) {
    this.#columns = columns;
    this.#pretty = isPretty(format);
    this.#clock = new Clock(this.#pretty ? localTime : (time) => time.toISOString());
    keepListening("exit", this.#flush);
  }

  /** Writes what is left. */
  close(): void {
    this.#flush();
    stopListening("exit", this.#flush);
  }

  /** Makes of a client's address what {@linkcode write} is to get in its place; left out where it is that. */
  get callerOf(): ((client: string | undefined, header: Header) => string) | undefined {
    return this.#columns?.callerOf;
  }

  /** Is it asked who has opened the connection? Otherwise {@linkcode callerOf} need not be told. */
  get wantsPeer(): boolean {
    return this.#columns?.wantsPeer ?? true;
  }

  /** Do lines have the length of an answer? */
  get wantsBytes(): boolean {
    return this.#columns?.wantsBytes ?? false;
  }

  /**
   * Notes one answered request. The path is logged as the runtime gives it, its query included.
   *
   * @param client its address, or what {@linkcode callerOf} has made of it
   * @param bytes the length of the answer, where it is wanted and known
   */
  write(
    method: string,
    url: string,
    status: number,
    seconds: number,
    client?: string,
    bytes?: number,
  ): void {
    if (this.#lines.isEmpty) setImmediate(this.#flush);
    const path = targetOf(url);
    const time = this.#clock.now();
    const microseconds = Math.round(seconds * 1e6);
    if (this.#columns === undefined && !this.#pretty) {
      this.#lines.addJson(time, method, path, status, microseconds, client);
    } else {
      const milliseconds = microseconds / 1e3;
      this.#lines.addLine(
        this.#columns !== undefined
          ? this.#columns.line({ time, method, path, status, milliseconds, bytes }, client)
          : `${inColour(2, time)} ${status} ${visible(`${method} ${path}`)} ${milliseconds}ms\n`,
      );
    }
    if (this.#lines.isFull) this.#flush();
  }

  readonly #flush = (): void => {
    if (!this.#lines.isEmpty) writeUnblocked(this.#lines.take(), false);
  };
}

/** The time of day as text, made once a millisecond. */
class Clock {
  readonly #inWords: (time: Date) => string;
  #at = NaN;
  #text = "";

  constructor(inWords: (time: Date) => string) {
    this.#inWords = inWords;
  }

  now(): string {
    const at = Date.now();
    if (at !== this.#at) {
      this.#at = at;
      this.#text = this.#inWords(new Date(at));
    }
    return this.#text;
  }
}
