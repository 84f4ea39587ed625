import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import process from "node:process";
import { runtime } from "../../runtime/mod.ts";
import { clientClosedRequest } from "../answers.ts";
import { closesAfter, closingHead, type HeadArguments } from "./closing.ts";
import { mute } from "./mute.ts";
import { requestIdHeader } from "../request_id.ts";
import { throwAway, type Upload } from "./upload.ts";
import { Buffer } from "../../natives.ts";

/** What an exchange tells of itself, each of it once at most. */
export interface ExchangeEvents {
  /** Is the connection to be closed after an answer? Asked when its head is written. */
  readonly closing: boolean;
  /** Its handler has ended its answer, and only the rest of its body is waited for. */
  ending(exchange: Exchange): void;
  /** The head of its answer is written, or nobody is there any more to send one to (499). */
  answered(exchange: Exchange, status: number): void;
  /** The last byte of its answer is sent, or the connection has gone. */
  closed(exchange: Exchange): void;
  /** It has been given up, and its handler may still work on it. */
  abandoned(exchange: Exchange): void;
  /** The handler has ended an answer that had been given up. */
  settled(exchange: Exchange): void;
}

/** Where a response has its exchange. */
const key = Symbol("exchange");

type Counted = ServerResponse & { [key]?: Exchange };

/** One request of a server of `node:http`, and its answer. */
export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  readonly client: string | undefined;
  readonly started: number;
  /** What its events know it by, once it has been given up. */
  abandonment: object | undefined;

  readonly #events: ExchangeEvents;
  /** Has its head been written, or has it been given up? */
  #over = false;
  /** Has its handler ended it? */
  #ended = false;
  #closed = false;
  /** Those that wait on the same connection, where it is one of them. */
  #waiting: Set<Exchange> | undefined;

  /** @param client its address, where somebody wants to know */
  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    client: string | undefined,
    started: number,
    events: ExchangeEvents,
  ) {
    this.req = req;
    this.res = res;
    this.method = req.method ?? "GET";
    this.client = client;
    this.started = started;
    this.#events = events;
    (res as Counted)[key] = this;
    res.on("close", onClose);
    if (runtime.waitsUntold?.(res)) {
      this.#waiting = waitingOn(req.socket);
      this.#waiting.add(this);
    }
  }

  /** Answers in the handler's place, where that has not begun to. */
  answer(status: number, headers: Record<string, string>, body: string): void {
    const { res } = this;
    if (res.headersSent) return;
    for (const name of res.getHeaderNames()) {
      if (name !== requestIdHeader) res.removeHeader(name);
    }
    res.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
    res.end(body);
  }

  /**
   * As {@linkcode answer}, where the handler may still want to: its own answer goes nowhere. One that it
   * has begun is cut off.
   */
  giveUp(status: number, headers: Record<string, string>, body: string): void {
    const { res } = this;
    if (res.headersSent) return void res.destroy();
    this.#events.abandoned(this);
    this.answer(status, headers, body);
    mute(res, () => this.#events.settled(this));
  }

  /** Has the rest of its body come in before the connection is closed after its answer. */
  readFirst(upload: () => Upload): void {
    const { req, res } = this;
    const { end } = res;
    // Another one may have been put in its place since.
    let own: unknown;
    own = res.end = ((...args: unknown[]): ServerResponse => {
      const ended = (): ServerResponse => {
        if (res.end === own) Reflect.deleteProperty(res, "end");
        return Reflect.apply(end, res, args) as ServerResponse;
      };
      if (req.complete) return ended();
      if (!this.#events.closing && !closesAfter(res)) {
        throwAway(req);
        return ended();
      }
      this.#ended = true;
      this.#events.ending(this);
      const rest = upload().rest();
      void rest.then(ended);
      own = res.end = ((...again: unknown[]): ServerResponse => {
        void rest.then(() => Reflect.apply(end, res, again));
        return res;
      }) as ServerResponse["end"];
      return res;
    }) as ServerResponse["end"];
  }

  /** Its head is about to be written with these. */
  headOf(args: HeadArguments): HeadArguments {
    return this.#events.closing ? closingHead(this.res, args) : args;
  }

  /** Its head is written. */
  answered(status: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.answered(this, status);
  }

  /** Its answer is sent, or its client has left. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting?.delete(this);
    if (!this.#over) {
      if (!this.#ended) this.#abandon();
      this.answered(clientClosedRequest);
    }
    this.#events.closed(this);
  }

  /** Its client has left: its handler is waited for until it ends its answer all the same. */
  #abandon(): void {
    const { res } = this;
    const { end } = res;
    this.#events.abandoned(this);
    res.end = ((...args: unknown[]) => {
      this.#events.settled(this);
      return Reflect.apply(end, res, args);
    }) as ServerResponse["end"];
  }
}

/** The exchanges whose answers wait for others on a connection. */
const waiting = new WeakMap<Socket, Set<Exchange>>();

/** Those that wait on a connection: all are told of its end. */
function waitingOn(socket: Socket): Set<Exchange> {
  const known = waiting.get(socket);
  if (known !== undefined) return known;
  const all = new Set<Exchange>();
  waiting.set(socket, all);
  socket.once("close", () => {
    for (const one of all) one.close();
  });
  return all;
}

function onClose(this: ServerResponse): void {
  (this as Counted)[key]?.close();
}

let taken = false;

/**
 * Has each exchange see the head of its answer: every one passes `writeHead`, also that of a handler that
 * only calls `end`. That is done where all responses have it from: a function for each would cost more
 * than all else that is done for a request.
 */
export function takeHeads(): void {
  if (taken) return;
  taken = true;
  const { prototype } = process.getBuiltinModule("node:http").ServerResponse;
  const { writeHead } = prototype;
  prototype.writeHead = function (this: Counted, ...args: HeadArguments): ServerResponse {
    const exchange = this[key];
    if (exchange === undefined) return Reflect.apply(writeHead, this, args) as ServerResponse;
    const result = Reflect.apply(writeHead, this, exchange.headOf(args)) as ServerResponse;
    exchange.answered(this.statusCode);
    return result;
  } as ServerResponse["writeHead"];
}
