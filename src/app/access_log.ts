import type { LogFormat } from "../log.ts";
import { isPretty, localTime } from "../log/line.ts";
import { writeUnblocked } from "../log/unblocked.ts";
import { targetOf } from "../request_head.ts";
import { AccessBytes } from "./access_bytes.ts";
import {
  type AccessLogField,
  defaultAccessLogFields,
  isOfHead,
  parseAccessLogFields,
} from "./access_fields.ts";
import type { AccessHead } from "./access_head.ts";
import { prettyAccess } from "./access_pretty.ts";
import { keepListening, stopListening } from "./kept_listeners.ts";
import type { AppOptions } from "./options.ts";
import type { Header } from "./trusted_proxies.ts";
import { Date, setImmediate } from "../natives.ts";

/** What its lines are made of. */
export interface AccessLines {
  fields: readonly AccessLogField[];
  /** How much of a path is logged, in characters: so much that a line is what a pipe takes whole. */
  longestPath: number;
  /** What makes the fields that follow from the head of a request; of JSON, an address needs no making. */
  head?: AccessHead;
}

/** There is less room for a path where other fields may be long, too. */
const [longestUsualPath, longestPath] = [1200, 600];

const usualFields = parseAccessLogFields(defaultAccessLogFields);
const usualJson: AccessLines = { fields: usualFields, longestPath: longestUsualPath };

/** A terminal may have 80 columns. */
const usualPretty: AccessLines = {
  fields: usualFields.filter((field) => !isOfHead(field)),
  longestPath: longestUsualPath,
};

/**
 * A line for each request, on standard error like the rest of the log.
 *
 * The lines of one turn of the event loop are written together: a write for each request would
 * cost more than many handlers do.
 */
export class AccessLog {
  readonly #lines: AccessBytes;
  readonly #clock: Clock;
  readonly #pretty: boolean;
  readonly #fields: readonly AccessLogField[];
  readonly #head: AccessHead | undefined;

  /** The one that the options ask for, if they do. What few ask for is loaded only for them. */
  static async open(
    { accessLog, accessLogFields, trustedProxy, logFormat, tls }: AppOptions,
  ): Promise<AccessLog | undefined> {
    if (!accessLog) return undefined;
    const [pretty, believes] = [isPretty(logFormat), trustedProxy.length > 0];
    if (accessLogFields === defaultAccessLogFields && !believes) {
      return new AccessLog(logFormat);
    }
    const fields = parseAccessLogFields(accessLogFields);
    const isMade = fields.some((field) =>
      isOfHead(field) && (field !== "client" || pretty || believes)
    );
    if (!isMade) return new AccessLog(logFormat, { fields, longestPath });
    const { AccessHead } = await import(
      "./access_head.ts" as string
    ) as typeof import("./access_head.ts");
    const scheme = tls === undefined ? "http" : "https";
    const head = new AccessHead({ fields, trustedProxy, pretty, scheme });
    return new AccessLog(logFormat, { fields, longestPath, head });
  }

  constructor(format: LogFormat, lines?: AccessLines) {
    this.#pretty = isPretty(format);
    const { fields, longestPath, head } = lines ?? (this.#pretty ? usualPretty : usualJson);
    this.#fields = fields;
    this.#head = head;
    const own = head === undefined ? fields : fields.filter((field) => !isOfHead(field));
    this.#lines = new AccessBytes(own, longestPath);
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
    return this.#head?.callerOf;
  }

  /** Is it asked who has opened the connection? On Bun that is dear to know. */
  get wantsPeer(): boolean {
    return this.#head?.wantsPeer ?? this.#fields.includes("client");
  }

  /** Do lines have the length of an answer? */
  get wantsBytes(): boolean {
    return this.#fields.includes("bytes");
  }

  /**
   * Notes one answered request. The path is logged as the runtime gives it, its query included.
   *
   * @param client what {@linkcode callerOf} has made of it; without that its address, where it is wanted
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
    if (this.#pretty) {
      const milliseconds = microseconds / 1e3;
      const answered = { time, method, path, status, milliseconds, bytes };
      this.#lines.addLine(prettyAccess(this.#fields, answered, client));
    } else this.#lines.addJson(time, method, path, status, microseconds, client, bytes);
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
