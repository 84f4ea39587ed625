import type { IncomingMessage, ServerResponse } from "node:http";
import { describe } from "../../errors.ts";
import { logger } from "../../log.ts";
import { type LoopWait, loopWait } from "../loop_wait.ts";
import type { RequestCounters } from "../../metrics/requests.ts";
import type { ShedReason } from "../../metrics/snapshot.ts";
import { isHost, pathOf } from "../../request_head.ts";
import { runtime } from "../../runtime/mod.ts";
import { BodyTooLarge, defaultMaxBodySize } from "../../runtime/runtime.ts";
import type { AccessLog } from "../access_log.ts";
import { misaddressedText } from "../answers.ts";
import type { ProbeForwarder } from "../layers.ts";
import type { AppOptions } from "../options.ts";
import type { Traces } from "../otel/traces.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange, type ExchangeEvents } from "./exchange.ts";
import { requestIdHeader, requestIdOf } from "../request_id.ts";
import type { Files } from "./files.ts";
import { requestHead, routeOf } from "./request_head.ts";
import { sendResponse, sizeOf, toRequest } from "./respond.ts";
import { hasBody, Upload } from "./upload.ts";

const log = logger("handler");

const plain = { "content-type": "text/plain; charset=utf-8" };

/** Gives a request to the handler. */
export type Handle = (req: IncomingMessage, res: ServerResponse) => void;

/** {@linkcode Handle}, and an answer where that throws. */
type Call = (exchange: Exchange, handle: Handle) => void;

/** A request that has been given up, as long as its handler may still work on it. */
interface Abandonment {
  settled: boolean;
}

/** What the path of a request works with. */
export interface NodePathParts {
  options: AppOptions;
  counters: RequestCounters;
  /** Set while draining. */
  draining: { now: boolean };
  access: AccessLog | undefined;
  traces: Traces | undefined;
  /** Does the server speak TLS? */
  secure(): boolean;
  /** Where the probes share the handler's port. */
  forwardProbe: ProbeForwarder | undefined;
  /** The files of `--static`, where there are any. */
  files: Files | undefined;
}

/**
 * All that a request of a server of `node:http` passes on its way to the handler, in the order of
 * `layered`: the probes, the counting and refusing, the files of `--static`.
 */
export class NodePath implements ExchangeEvents {
  /** Answers that are not sent to their end, and requests without one. */
  open = 0;

  readonly #parts: NodePathParts;
  readonly #deadlines: Deadlines<Exchange>;
  readonly #probePaths: ReadonlySet<string>;
  readonly #now = runtime.clock();
  readonly #loopWait: LoopWait | undefined;
  readonly #turning: (...what: Parameters<Call>) => void | Promise<void>;
  readonly #limit: number;
  /** Nobody holds a response any more that has been given up: nobody works on it. */
  readonly #forgotten = new FinalizationRegistry<Abandonment>((one) => this.#settle(one));

  constructor(parts: NodePathParts) {
    this.#parts = parts;
    const { probePaths, requestTimeout, maxBodySize, maxWait } = parts.options;
    this.#loopWait = loopWait(maxWait, this.#now);
    const call: Call = parts.traces === undefined
      ? (exchange, handle) => this.#call(exchange, handle)
      : traced((exchange, handle) => this.#call(exchange, handle), parts.traces);
    this.#turning = runtime.turning?.(
      call,
      maxWait === undefined
        ? undefined
        : { after: maxWait, refuse: (exchange) => this.#shed(exchange, "wait") },
    ) ?? call;
    const shared = parts.forwardProbe === undefined ? [] : probePaths;
    this.#probePaths = new Set(shared.flatMap((path) => [path, `${path}/`]));
    this.#limit = maxBodySize ?? defaultMaxBodySize;
    this.#deadlines = new Deadlines(requestTimeout, this.#now, (one) => this.#timedOut(one));
  }

  get closing(): boolean {
    return this.#parts.draining.now;
  }

  /**
   * Takes a request to where it is answered; `handle` gives it to the handler.
   *
   * @param told Has its client been told to send its body? It waits for that where it says so.
   */
  take(req: IncomingMessage, res: ServerResponse, told: boolean, handle: Handle): void {
    const addressed = isAddressed(req);
    if (addressed && this.#isProbe(req)) return this.#answerProbe(req, res);
    const { counters, options, access, traces, secure } = this.#parts;
    if (options.requestId) nameRequest(req, res);
    traces?.begin(req, requestHead(req, secure()));
    const shed = this.#shedReason();
    counters.inFlight++;
    this.open++;
    // A socket that has gone no longer knows; to ask for it is dear on Bun.
    const client = access === undefined ? undefined : callerOf(access, req);
    const exchange = new Exchange(req, res, client, this.#now(), this);
    const isAllowed = !hasBody(req) || this.#takeBody(exchange, told);
    if (!addressed) return exchange.answer(400, plain, misaddressedText);
    if (shed !== undefined) return this.#shed(exchange, shed);
    if (!isAllowed) return exchange.answer(413, plain, "Payload Too Large\n");
    this.#deadlines.add(exchange);
    const { files } = this.#parts;
    if (files === undefined || (exchange.method !== "GET" && exchange.method !== "HEAD")) {
      return this.#handle(exchange, handle);
    }
    this.#fileOr(files, exchange, handle);
  }

  /** Why a request that comes now is refused, if it is. */
  #shedReason(): ShedReason | undefined {
    const { counters, options: { maxInflight = Infinity } } = this.#parts;
    // The turn is watched whether or not there is place.
    const isLate = this.#loopWait?.exceeded(counters.inFlight) ?? false;
    if (counters.inFlight >= maxInflight) return "inflight";
    return isLate ? "wait" : undefined;
  }

  /** Keeps a body from being too long. Is it not, as far as it says itself? */
  #takeBody(exchange: Exchange, told: boolean): boolean {
    const { req } = exchange;
    const length = req.headers["content-length"];
    let upload: Upload | undefined;
    const watched = (): Upload => upload ??= this.#watch(exchange);
    // Of one that tells its length it is enough to know when it has not come to its end in time.
    if (length === undefined) watched();
    if (told) exchange.readFirst(watched);
    return length === undefined || !(Number(length) > this.#limit);
  }

  #watch(exchange: Exchange): Upload {
    const { req } = exchange;
    // One that tells its length has been looked at.
    const limit = req.headers["content-length"] === undefined ? this.#limit : Infinity;
    const upload = new Upload(req, limit, () => {
      const tooLarge = new BodyTooLarge(this.#limit);
      const { message } = tooLarge;
      const { method } = exchange;
      log.warn("{method} {path}: {message}", { method, path: pathOf(req.url ?? ""), message });
      upload.refuse(tooLarge);
      exchange.giveUp(413, plain, "Payload Too Large\n");
    });
    return upload;
  }

  ending(exchange: Exchange): void {
    this.#deadlines.end(exchange);
  }

  answered(exchange: Exchange, status: number): void {
    const { counters, options, access } = this.#parts;
    const { method, started, client, req } = exchange;
    this.#deadlines.end(exchange);
    counters.inFlight--;
    counters.answered++;
    const seconds = (this.#now() - started) / 1000;
    if (options.metrics) counters.record(method, status, seconds);
    this.#parts.traces?.end(req, status, routeOf(req));
    const bytes = access?.wantsBytes ? lengthOf(exchange.res) : undefined;
    access?.write(method, req.url ?? "", status, seconds, client, bytes);
  }

  closed({ res }: Exchange): void {
    this.open--;
    if (!this.#parts.options.metrics) return;
    const size = sizeOf(res);
    if (size !== undefined) this.#parts.counters.recordBodySize(size);
  }

  abandoned(exchange: Exchange): void {
    this.#parts.counters.abandoned++;
    const abandonment = { settled: false };
    exchange.abandonment = abandonment;
    this.#forgotten.register(exchange.res, abandonment);
  }

  settled({ abandonment }: Exchange): void {
    if (abandonment !== undefined) this.#settle(abandonment as Abandonment);
  }

  #settle(one: Abandonment): void {
    if (one.settled) return;
    one.settled = true;
    this.#parts.counters.abandoned--;
  }

  /** Gives none up any more. */
  close(): void {
    this.#deadlines.close();
  }

  #handle(exchange: Exchange, handle: Handle): void {
    void this.#turning(exchange, handle);
  }

  #call(exchange: Exchange, handle: Handle): void {
    try {
      handle(exchange.req, exchange.res);
    } catch (error) {
      this.#failed(exchange, error);
    }
  }

  #shed(exchange: Exchange, reason: ShedReason): void {
    const { counters } = this.#parts;
    // Also without metrics: the log tells of it.
    counters.recordShed(reason);
    exchange.answer(503, { ...plain, "retry-after": "1" }, "Service Unavailable\n");
  }

  #failed(exchange: Exchange, error: unknown): void {
    const { method, req, res } = exchange;
    this.#parts.traces?.thrown(req, error);
    log.error("{method} {path} failed: {error}", {
      method,
      path: pathOf(req.url ?? ""),
      error: describe(error),
      stack: runtime.inspect(error),
    });
    if (res.headersSent) res.destroy();
    else exchange.answer(500, plain, "Internal Server Error\n");
  }

  #timedOut(exchange: Exchange): void {
    const after = `${this.#parts.options.requestTimeout}ms`;
    log.warn("{method} {path} has no answer after {after} (--request-timeout): 504", {
      method: exchange.method,
      path: pathOf(exchange.req.url ?? ""),
      after,
    });
    exchange.giveUp(504, plain, "Gateway Timeout\n");
  }

  #fileOr(files: Files, exchange: Exchange, handle: Handle): void {
    let found: Promise<Response | undefined> | undefined;
    try {
      found = files(toRequest(exchange.req));
    } catch (error) {
      return this.#failed(exchange, error);
    }
    if (found === undefined) this.#handle(exchange, handle);
    else void this.#foundOr(found, exchange, handle);
  }

  async #foundOr(
    found: Promise<Response | undefined>,
    exchange: Exchange,
    handle: Handle,
  ): Promise<void> {
    try {
      const answer = await found;
      if (answer === undefined) return this.#handle(exchange, handle);
      await sendResponse(answer, exchange.res);
    } catch (error) {
      this.#failed(exchange, error);
    }
  }

  #isProbe({ url = "" }: IncomingMessage): boolean {
    return this.#probePaths.size > 0 && this.#probePaths.has(pathOf(url));
  }

  #answerProbe(req: IncomingMessage, res: ServerResponse): void {
    const forward = this.#parts.forwardProbe!;
    forward(toRequest(req)).then((answer) => sendResponse(answer, res)).catch((error: unknown) => {
      log.error("a probe could not be answered: {error}", { error: describe(error) });
      res.destroy();
    });
  }
}

/** The length of an answer whose head is written. */
function lengthOf(res: ServerResponse): number | undefined {
  const length = sizeOf(res) ?? Number(res.getHeader("content-length"));
  return Number.isSafeInteger(length) ? length : undefined;
}

/** Gives a request a name, if it has none, which its answer has, too: `--request-id`. */
function nameRequest(req: IncomingMessage, res: ServerResponse): void {
  const given = req.headers[requestIdHeader];
  const id = requestIdOf(Array.isArray(given) ? given[0] : given);
  if (id !== given) {
    req.headers[requestIdHeader] = id;
    req.rawHeaders.push(requestIdHeader, id);
  }
  res.setHeader(requestIdHeader, id);
}

/** Who asks, for the access log: it has to be known before the handler has the request. */
export function callerOf(access: AccessLog, req: IncomingMessage): string | undefined {
  // To ask for a socket makes one on Bun.
  const client = access.wantsPeer ? req.socket?.remoteAddress : undefined;
  const made = access.callerOf;
  if (made === undefined) return client;
  return made(client, (name) => {
    const value = req.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  });
}

/** Has the handler, and what it listens to of a request, called within the span of that. */
function traced(call: Call, traces: Traces): Call {
  return (exchange, handle) => {
    const { req, res } = exchange;
    traces.bind(req, req);
    traces.bind(req, res);
    traces.within(req, call, exchange, handle);
  };
}

/** Is its `Host` one? Frameworks make URLs of it, and so the path that they decide on. */
export function isAddressed({ headers }: IncomingMessage): boolean {
  const host = headers.host ?? headers[":authority"];
  return typeof host !== "string" || isHost(host);
}
