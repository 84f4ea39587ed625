import type { IncomingMessage, ServerResponse } from "node:http";
import { describe } from "../../errors.ts";
import { logger } from "../../log.ts";
import type { RequestCounters } from "../../metrics/requests.ts";
import { isHost, pathOf } from "../../request_head.ts";
import { runtime } from "../../runtime/mod.ts";
import { BodyTooLarge, defaultMaxBodySize } from "../../runtime/runtime.ts";
import type { AccessLog } from "../access_log.ts";
import { misaddressedText } from "../answers.ts";
import type { ProbeForwarder } from "../layers.ts";
import type { AppOptions } from "../options.ts";
import { limitBody } from "./body.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange, type ExchangeEvents } from "./exchange.ts";
import { sendResponse, toRequest } from "./respond.ts";

const log = logger("handler");

const plain = { "content-type": "text/plain; charset=utf-8" };

/** What is known of a file before the handler is asked. */
export type Files = (request: Request) => Promise<Response | undefined>;

/** What the path of a request works with. */
export interface NodePathParts {
  options: AppOptions;
  counters: RequestCounters;
  /** Set while draining. */
  draining: { now: boolean };
  access: AccessLog | undefined;
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
  readonly #limit: number;
  readonly #closing = (): boolean => this.#parts.draining.now;
  #over = false;

  constructor(parts: NodePathParts) {
    this.#parts = parts;
    const { probePaths, requestTimeout, maxBodySize } = parts.options;
    const shared = parts.forwardProbe === undefined ? [] : probePaths;
    this.#probePaths = new Set(shared.flatMap((path) => [path, `${path}/`]));
    this.#limit = maxBodySize ?? defaultMaxBodySize;
    this.#deadlines = new Deadlines(requestTimeout, this.#now, (one) => this.#timedOut(one));
  }

  /** Takes a request to where it is answered; `handle` gives it to the handler. */
  take(req: IncomingMessage, res: ServerResponse, handle: () => void): void {
    const addressed = isAddressed(req);
    if (addressed && this.#isProbe(req)) return this.#answerProbe(req, res);
    const { counters, options } = this.#parts;
    const { maxInflight, metrics } = options;
    const isShed = maxInflight !== undefined && counters.inFlight >= maxInflight;
    counters.inFlight++;
    this.open++;
    const exchange = new Exchange(req, res, this.#now(), this, this.#closing);
    if (!addressed) return exchange.answer(400, plain, misaddressedText);
    if (isShed) {
      if (metrics) counters.recordShed();
      return exchange.answer(503, { ...plain, "retry-after": "1" }, "Service Unavailable\n");
    }
    const tooLarge = new BodyTooLarge(this.#limit);
    const refused = limitBody(req, this.#limit, () => {
      this.#tellTooLarge(exchange, tooLarge);
      exchange.giveUp(413, plain, "Payload Too Large\n");
      counters.abandoned++;
    });
    if (refused) return exchange.answer(413, plain, "Payload Too Large\n");
    this.#deadlines.add(exchange);
    const { files } = this.#parts;
    if (files === undefined || (exchange.method !== "GET" && exchange.method !== "HEAD")) {
      return this.#handle(exchange, handle);
    }
    void this.#fileOr(files, exchange, handle);
  }

  answered(exchange: Exchange, status: number): void {
    const { counters, options, access } = this.#parts;
    const { method, started, client, req } = exchange;
    this.#deadlines.end(exchange);
    counters.inFlight--;
    counters.answered++;
    if (exchange.abandoned) counters.abandoned++;
    const seconds = (this.#now() - started) / 1000;
    if (options.metrics) {
      counters.record(method, status, seconds);
      const length = exchange.res.getHeader("content-length");
      if (length !== undefined) counters.recordBodySize(Number(length));
    }
    access?.write(method, req.url ?? "", status, seconds, client);
  }

  closed(): void {
    this.open--;
  }

  settled(): void {
    this.#parts.counters.abandoned--;
  }

  /** Gives none up any more: from here on it is not the client who closes a connection. */
  close(): void {
    this.#over = true;
    this.#deadlines.close();
  }

  #handle(exchange: Exchange, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.#failed(exchange, error);
    }
  }

  #failed(exchange: Exchange, error: unknown): void {
    const { method, req, res } = exchange;
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

  #tellTooLarge({ method, req }: Exchange, { message }: BodyTooLarge): void {
    log.warn("{method} {path}: {message}", { method, path: pathOf(req.url ?? ""), message });
  }

  async #fileOr(files: Files, exchange: Exchange, handle: () => void): Promise<void> {
    try {
      const answer = await files(toRequest(exchange.req));
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

/** Is its `Host` one? Frameworks make URLs of it, and so the path that they decide on. */
export function isAddressed({ headers }: IncomingMessage): boolean {
  const host = headers.host ?? headers[":authority"];
  return typeof host !== "string" || isHost(host);
}
