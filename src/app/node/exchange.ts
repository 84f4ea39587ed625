import type { IncomingMessage, ServerResponse } from "node:http";
import { clientClosedRequest } from "../answers.ts";
import { Buffer, queueMicrotask } from "../../natives.ts";

/** What an exchange tells of itself, each of it once at most. */
export interface ExchangeEvents {
  /** The head of its answer is sent, or nobody is there any more to send one to (499). */
  answered(exchange: Exchange, status: number): void;
  /** The last byte of its answer is sent, or the connection has gone. */
  closed(exchange: Exchange): void;
  /** The handler has ended an answer that had been given up. */
  settled(exchange: Exchange): void;
}

/** One request of a server of `node:http`, and its answer. */
export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  readonly client: string | undefined;
  readonly started: number;
  /** Has it been answered, or given up? */
  over = false;
  /** Has it been given up, and its handler has not settled? */
  abandoned = false;

  readonly #events: ExchangeEvents;

  /** @param closing Is the connection to be closed after the answer? Asked when its head is written. */
  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    started: number,
    events: ExchangeEvents,
    closing: () => boolean,
  ) {
    this.req = req;
    this.res = res;
    this.method = req.method ?? "GET";
    this.client = req.socket?.remoteAddress;
    this.started = started;
    this.#events = events;
    const { writeHead } = res;
    // Every answer passes here, also that of a handler that only calls end().
    res.writeHead = ((...args: Parameters<ServerResponse["writeHead"]>) => {
      if (closing()) res.shouldKeepAlive = false;
      const result = Reflect.apply(writeHead, res, args);
      this.#answered(res.statusCode);
      return result;
    }) as ServerResponse["writeHead"];
    res.once("close", () => {
      if (!this.over) {
        this.#abandon();
        this.#answered(clientClosedRequest);
      }
      events.closed(this);
    });
  }

  /** Answers in the handler's place, where that has not begun to. */
  answer(status: number, headers: Record<string, string>, body: string): void {
    const { res } = this;
    if (res.headersSent) return;
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    res.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
    res.end(body);
  }

  /** As {@linkcode answer}, where the handler may still want to: its own answer goes nowhere. */
  giveUp(status: number, headers: Record<string, string>, body: string): void {
    this.abandoned = true;
    this.answer(status, headers, body);
    this.#mute();
  }

  #answered(status: number): void {
    if (this.over) return;
    this.over = true;
    this.#events.answered(this, status);
  }

  /** Its client has left: its handler is waited for until it ends its answer all the same. */
  #abandon(): void {
    const { res } = this;
    const { end } = res;
    this.abandoned = true;
    res.end = ((...args: unknown[]) => {
      this.#settle();
      return Reflect.apply(end, res, args);
    }) as ServerResponse["end"];
  }

  #settle(): void {
    if (!this.abandoned) return;
    this.abandoned = false;
    this.#events.settled(this);
  }

  /** Whatever the handler still writes is dropped, and does it no harm. */
  #mute(): void {
    const { res } = this;
    const taken = (args: unknown[]): void => {
      const done = args.findLast((value) => typeof value === "function");
      if (done !== undefined) queueMicrotask(done as () => void);
    };
    const same = (): ServerResponse => res;
    Object.assign(res, {
      write: (...args: unknown[]): boolean => {
        taken(args);
        return true;
      },
      end: (...args: unknown[]): ServerResponse => {
        taken(args);
        this.#settle();
        return res;
      },
      writeHead: same,
      setHeader: same,
      appendHeader: same,
      removeHeader() {},
      flushHeaders() {},
    });
  }
}
