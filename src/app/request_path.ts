import { describe } from "../errors.ts";
import { logger } from "../log.ts";
import type { RequestCounters } from "../metrics/requests.ts";
import { BodyTooLarge, type FetchHandler, type Runtime } from "../runtime/runtime.ts";

const log = logger("handler");

/**
 * After so many answers in a row without a `Content-Length` only one in `passed + 1` is looked at, until
 * one has it: both runtimes make an object of the headers when somebody looks, which costs a request of
 * a plain text 5 % of its time.
 */
const [longRun, passed] = [1000, 31];

/** What happens around a request besides the handler. */
export interface RequestPathOptions {
  counters: RequestCounters;
  /** Count durations and sizes, too? */
  metrics: boolean;
  /** With so many requests in flight, a further one is refused. Left out: none is. */
  maxInflight?: number;
  /**
   * The handler's own answer to what its `fetch` throws: the `error` field of a Bun server, which is
   * called as Bun does, with the server as `this`.
   */
  onError?: (this: unknown, error: unknown) => Response | Promise<Response>;
  /** Is `undefined` an answer? It is where WebSockets are upgraded on Bun. */
  upgrades: boolean;
  /** Tells the runtime that a handler is waited for: see `Runtime.waits`. */
  waits?: Runtime["waits"];
  /** Tells the runtime of each answer before it gets it: see `Runtime.settled`. */
  settled?: Runtime["settled"];
  /** Reads what is left of a body before its answer is sent: see `Runtime.readRest`. */
  readRest?: Runtime["readRest"];
  /** Set while draining: each response then says `Connection: close`. */
  draining: { now: boolean };
  /** A clock in milliseconds, whatever it counts from; read twice for each request. */
  now(): number;
  /** Called after each answer; left out where nobody wants to know. */
  onAnswer?: (
    request: Request,
    method: string,
    client: string | undefined,
    status: number,
    seconds: number,
  ) => void;
  /** The client's address, for `onAnswer`: asked before the handler, which may upgrade the request. */
  clientOf?: (request: Request, info: unknown) => string | undefined;
  /** How an error is printed in the log. */
  inspect(error: unknown): string;
}

/**
 * Puts the counting around a handler.
 *
 * This is the request path. It makes no promise where the handler returned a `Response`, and it
 * allocates nothing of its own. A request counts as in flight until the handler's promise settles;
 * a body that still streams has been answered.
 */
export function requestPath(handler: FetchHandler, options: RequestPathOptions): FetchHandler {
  const { counters, metrics, maxInflight, onError, upgrades, draining, now, inspect } = options;
  const { waits, settled, readRest, onAnswer, clientOf } = options;

  /** How many answers in a row had no `Content-Length`, and how many are let pass unseen now. */
  let without = 0;
  let unseen = 0;

  function recordSize(answer: Response): void {
    if (unseen > 0) {
      unseen--;
      return;
    }
    const length = answer.headers.get("content-length");
    if (length !== null) {
      counters.recordBodySize(Number(length));
      without = 0;
    } else if (++without > longRun) unseen = passed;
  }

  function begun(method: string): void {
    counters.inFlight++;
    if (mayHaveBody(method)) counters.bodiesInFlight++;
  }

  function answered(
    answer: Response | undefined,
    request: Request,
    method: string,
    info: unknown,
    client: string | undefined,
    started: number,
  ): ReturnType<FetchHandler> {
    const demanded = settled?.(request, answer, info);
    if (demanded !== undefined) {
      tellUpgraded(request, method);
      return answered(demanded, request, method, info, client, started);
    }
    const isResponse = answer instanceof NativeResponse;
    if (!isResponse && !(answer === undefined && upgrades)) {
      return failed(notAResponse(answer), request, method, info, client, started);
    }
    counters.inFlight--;
    if (mayHaveBody(method)) counters.bodiesInFlight--;
    counters.answered++;
    const status = isResponse ? answer.status : 101;
    const seconds = (now() - started) / 1000;
    if (metrics) {
      counters.record(method, status, seconds);
      if (isResponse) recordSize(answer);
    }
    if (onAnswer !== undefined) onAnswer(request, method, client, status, seconds);
    if (!isResponse) return undefined;
    const sent = draining.now && status !== 101 ? closing(answer) : answer;
    return readRest !== undefined && mayHaveBody(method) ? readRest(request, sent) : sent;
  }

  /** The last resort: a plain 500 without a word about the error. */
  function failed(
    error: unknown,
    request: Request,
    method: string,
    info: unknown,
    client: string | undefined,
    started: number,
  ): ReturnType<FetchHandler> {
    tell(error, request, method);
    const plain = new NativeResponse("Internal Server Error\n", {
      status: 500,
      headers: { "content-type": "text/plain; charset=utf-8" },
    });
    return answered(plain, request, method, info, client, started);
  }

  function tell(error: unknown, { url }: Request, method: string): void {
    const stack = inspect(error);
    log.error("{method} {path} failed: {error}", {
      method,
      path: pathOf(url),
      error: describe(error),
      stack,
    });
  }

  function tellUpgraded({ url }: Request, method: string): void {
    log.error(
      "{method} {path}: its WebSocket is closed, for the handler did not return the response of the upgrade",
      { method, path: pathOf(url) },
    );
  }

  function thrown(
    error: unknown,
    request: Request,
    method: string,
    info: unknown,
    client: string | undefined,
    started: number,
  ): ReturnType<FetchHandler> {
    if (error instanceof BodyTooLarge) {
      const { message } = error;
      const path = pathOf(request.url);
      log.warn("{method} {path}: {message}", { method, path, message });
      const answer = new NativeResponse("Payload Too Large\n", { status: 413 });
      return answered(answer, request, method, info, client, started);
    }
    if (onError === undefined) return failed(error, request, method, info, client, started);
    tell(error, request, method);
    try {
      return Promise.resolve(onError.call(info, error)).then(
        (answer) => answered(answer, request, method, info, client, started),
        (again) => failed(again, request, method, info, client, started),
      );
    } catch (again) {
      return failed(again, request, method, info, client, started);
    }
  }

  function counted(request: Request, info: unknown): ReturnType<FetchHandler> {
    // Read once: a handler may put another in its place, and what was counted up must be counted down.
    const { method } = request;
    const client = clientOf?.(request, info);
    begun(method);
    const started = now();
    let answer: ReturnType<FetchHandler>;
    let settlesLater: boolean;
    try {
      answer = handler(request, info);
      settlesLater = isPromise(answer);
    } catch (error) {
      return thrown(error, request, method, info, client, started);
    }
    if (settlesLater) {
      waits?.(request, info);
      // Of a thenable that is no promise, `then` may return anything.
      return Promise.resolve(answer).then(
        (value) => answered(value, request, method, info, client, started),
        (error) => thrown(error, request, method, info, client, started),
      );
    }
    return answered(answer as Response | undefined, request, method, info, client, started);
  }
  if (maxInflight === undefined) return counted;

  /** Refuses a request without the handler. */
  function shed(request: Request, info: unknown): ReturnType<FetchHandler> {
    const { method } = request;
    const started = now();
    if (metrics) counters.recordShed();
    // It is in flight for as long as this takes, which nobody can see.
    begun(method);
    return answered(overloaded(), request, method, info, clientOf?.(request, info), started);
  }

  return (request, info) =>
    counters.inFlight < maxInflight ? counted(request, info) : shed(request, info);
}

/** Both runtimes take none from a GET and a HEAD, for which RFC 9110 §9.3.1 gives a body no meaning. */
function mayHaveBody(method: string): boolean {
  return method !== "GET" && method !== "HEAD";
}

function isPromise(answer: ReturnType<FetchHandler>): boolean {
  return answer instanceof Promise ||
    typeof (answer as { then?: unknown } | undefined)?.then === "function";
}

/** The path of a request's URL, without its query. */
export function pathOf(url: string): string {
  return targetOf(url).replace(/[?#].*$/s, "");
}

/**
 * The path of a request's URL, with its query. On Bun the URL is only that where the client sent no
 * `Host`, which HTTP/1.0 allows.
 */
export function targetOf(url: string): string {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("//") + 2);
  return start < 0 ? "/" : url.slice(start);
}

/** The runtime's own class, whatever the handler's modules put in its place later. */
const NativeResponse = Response;

function notAResponse(answer: unknown): TypeError {
  const kind = answer === null ? "null" : typeof answer;
  return new TypeError(`the handler returned ${kind}, not a Response`);
}

/** The answer to one request too many: RFC 9110 §15.6.4, with the seconds after which to try again. */
function overloaded(): Response {
  return new NativeResponse("Service Unavailable\n", {
    status: 503,
    headers: { "content-type": "text/plain; charset=utf-8", "retry-after": "1" },
  });
}

/** A copy where the headers cannot be changed, as those of `Response.redirect()` and of `fetch()`. */
function closing(answer: Response): Response {
  try {
    answer.headers.set("connection", "close");
    return answer;
  } catch {
    const copy = new NativeResponse(answer.body, answer);
    copy.headers.set("connection", "close");
    return copy;
  }
}
