import { describe } from "../errors.ts";
import { logger } from "../log.ts";
import type { RequestCounters } from "../metrics/requests.ts";
import { BodyTooLarge, type FetchHandler } from "../runtime/runtime.ts";
import {
  clientClosedRequest,
  closing,
  gone,
  NativeResponse,
  overloaded,
  plain500,
  tooLarge,
  tooLate,
} from "./answers.ts";
import { Cancellation } from "./cancellation.ts";
import {
  type GivingUp,
  isAbort,
  PendingRequest,
  type PendingRequests,
} from "./pending_requests.ts";
import type { ThrownErrors } from "./thrown_errors.ts";

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
  /** Is `undefined` the answer to a request? It is to one that has become a WebSocket on Bun. */
  upgraded(request: Request): boolean;
  /** Takes errors on to the runtime's own error function. */
  errors: ThrownErrors;
  /** Set while draining: each response then says `Connection: close`. */
  draining: { now: boolean };
  /** A clock in milliseconds, whatever it counts from; read twice for each request. */
  now(): number;
  /** Looks after what has no answer yet. */
  pending: PendingRequests;
  /**
   * Called after each answer, and where a client has left (status 499), with who that was, if that is
   * known; left out where nobody wants to know.
   */
  onAnswer?: (
    request: Request,
    method: string,
    info: unknown,
    status: number,
    seconds: number,
    client?: string,
  ) => void;
  /** How an error is printed in the log. */
  inspect(error: unknown): string;
}

/**
 * Puts the counting around a handler.
 *
 * This is the request path. It makes no promise where the handler returned a `Response`, and it
 * allocates nothing of its own then. A request counts as in flight until the handler's promise
 * settles, its client leaves or it times out; a body that still streams has been answered.
 */
export function requestPath(handler: FetchHandler, options: RequestPathOptions): FetchHandler {
  const { counters, metrics, maxInflight, onError, upgraded, errors } = options;
  const { draining, now, pending, onAnswer, inspect } = options;
  const { timeout } = pending;

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

  /** What keeps an answer from being sent; `undefined`: nothing. */
  function fault(answer: unknown, request: Request): TypeError | undefined {
    if (!(answer instanceof NativeResponse)) {
      return answer === undefined && upgraded(request) ? undefined : notAResponse(answer);
    }
    if (answer.bodyUsed) return new TypeError(bodyGone);
    return answer.status === 0 ? new TypeError(noStatus) : undefined;
  }

  function answered(
    answer: Response | undefined,
    request: Request,
    method: string,
    info: unknown,
    started: number,
  ): Response | undefined {
    const error = fault(answer, request);
    if (error !== undefined) return failed(error, request, method, info, started);
    return counted(answer, request, method, info, started);
  }

  /** Counts the end of a request. */
  function ended(
    status: number,
    request: Request,
    method: string,
    info: unknown,
    started: number,
    client?: string,
  ): void {
    counters.inFlight--;
    if (mayHaveBody(method)) counters.bodiesInFlight--;
    counters.answered++;
    const seconds = (now() - started) / 1000;
    if (metrics) counters.record(method, status, seconds);
    if (onAnswer !== undefined) onAnswer(request, method, info, status, seconds, client);
  }

  /** Counts an answer that can be sent. */
  function counted<Answer extends Response | undefined>(
    answer: Answer,
    request: Request,
    method: string,
    info: unknown,
    started: number,
  ): Answer {
    const status = answer === undefined ? 101 : answer.status;
    ended(status, request, method, info, started);
    if (metrics && answer !== undefined) recordSize(answer);
    return draining.now && answer !== undefined && status !== 101
      ? closing(answer) as Answer
      : answer;
  }

  /** The last resort: a plain 500 without a word about the error, which is thrown again. */
  function failed(
    error: unknown,
    request: Request,
    method: string,
    info: unknown,
    started: number,
    cause = error,
  ): Response {
    tell(error, request, method);
    return errors.throw(cause, counted(plain500(), request, method, info, started));
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

  /** Answers for what the handler has thrown, without its own error function. */
  function thrown(
    error: unknown,
    request: Request,
    method: string,
    info: unknown,
    started: number,
  ): Response {
    if (!(error instanceof BodyTooLarge)) return failed(error, request, method, info, started);
    const { message } = error;
    log.warn("{method} {path}: {message}", { method, path: pathOf(request.url), message });
    return counted(tooLarge(), request, method, info, started);
  }

  function handled(request: Request, info: unknown): ReturnType<FetchHandler> {
    // Read once: a handler may put another in its place, and what was counted up must be counted down.
    const { method } = request;
    begun(method);
    const started = now();
    const cancellation = timeout === undefined ? undefined : new Cancellation(request);
    let answer: ReturnType<FetchHandler>;
    let settlesLater: boolean;
    try {
      answer = handler(request, info);
      settlesLater = isPromise(answer);
    } catch (error) {
      if (onError === undefined || error instanceof BodyTooLarge) {
        return thrown(error, request, method, info, started);
      }
      const one = new PendingRequest(request, method, info, started, givingUp, cancellation);
      pending.add(one);
      return inTime(ownAnswer(onError, error, one), one);
    }
    if (!settlesLater) {
      return answered(answer as Response | undefined, request, method, info, started);
    }
    const one = new PendingRequest(request, method, info, started, givingUp, cancellation);
    pending.add(one);
    return inTime(answerOf(answer, one), one);
  }

  /** What becomes of an answer that the handler has promised. */
  function answerOf(
    promised: ReturnType<FetchHandler>,
    one: PendingRequest,
  ): Promise<Response | undefined> {
    // Of a thenable that is no promise, `then` may return anything.
    return Promise.resolve(promised).then(
      (answer) => settled(answer, one),
      (error) => rejected(error, one),
    );
  }

  function settled(answer: Response | undefined, one: PendingRequest): Response | undefined {
    if (one.over) return unwanted(answer);
    pending.end(one);
    return answered(answer, one.request, one.method, one.info, one.started);
  }

  function rejected(error: unknown, one: PendingRequest): Response | Promise<Response> {
    if (one.over || (isAbort(error) && pending.hasLeft(one, error))) return thrownLate(error, one);
    if (onError !== undefined && !(error instanceof BodyTooLarge)) {
      return ownAnswer(onError, error, one);
    }
    pending.end(one);
    return thrown(error, one.request, one.method, one.info, one.started);
  }

  /** The handler's own answer to its error. Rejects with that, once it is made. */
  async function ownAnswer(
    onError: NonNullable<RequestPathOptions["onError"]>,
    error: unknown,
    one: PendingRequest,
  ): Promise<Response> {
    const { request, method, info, started } = one;
    tell(error, request, method);
    let answer: Response;
    try {
      answer = await onError.call(info, error);
      if (one.over) return unwanted(answer);
      const wrong = fault(answer, request);
      if (wrong !== undefined) throw wrong;
    } catch (again) {
      if (one.over) return thrownLate(again, one);
      pending.end(one);
      return failed(again, request, method, info, started, error);
    }
    pending.end(one);
    return errors.throw(error, counted(answer, request, method, info, started));
  }

  /** Throws away an answer that nobody waits for any more. */
  function unwanted(answer: Response | undefined): Response {
    counters.abandoned--;
    if (answer instanceof NativeResponse && answer.body !== null && !answer.body.locked) {
      answer.body.cancel().catch((error: unknown) => {
        log.debug("a body that nobody wants fails: {error}", { error: describe(error) });
      });
    }
    return gone();
  }

  /** Tells what was thrown when nobody waited any more, unless it is that which was thrown about. */
  function thrownLate(error: unknown, { request, method }: PendingRequest): Response {
    counters.abandoned--;
    if (isAbort(error)) return gone();
    tell(error, request, method);
    return errors.throw(error, gone());
  }

  const givingUp: GivingUp = {
    left({ request, method, info, started, client }): void {
      counters.abandoned++;
      ended(clientClosedRequest, request, method, info, started, client);
    },
    timedOut({ request, method, info, started, answer, cancellation }): void {
      counters.abandoned++;
      const after = `${timeout}ms`;
      log.warn("{method} {path} has no answer after {after} (--request-timeout): 504", {
        method,
        path: pathOf(request.url),
        after,
      });
      answer?.(counted(tooLate(), request, method, info, started));
      cancellation?.abort(new DOMException(`no answer after ${after}`, "TimeoutError"));
    },
  };

  /** The answer of the handler, or the one that it gets when its time is over. */
  function inTime(
    answer: Promise<Response | undefined>,
    one: PendingRequest,
  ): Promise<Response | undefined> {
    if (timeout === undefined) return answer;
    return new Promise((resolve, reject) => {
      one.answer = resolve;
      answer.then(resolve, reject);
    });
  }

  if (maxInflight === undefined) return handled;

  /** Refuses a request without the handler. */
  function shed(request: Request, info: unknown): Response {
    const { method } = request;
    const started = now();
    if (metrics) counters.recordShed();
    // It is in flight for as long as this takes, which nobody can see.
    begun(method);
    return counted(overloaded(), request, method, info, started);
  }

  return (request, info) =>
    counters.inFlight < maxInflight ? handled(request, info) : shed(request, info);
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

function notAResponse(answer: unknown): TypeError {
  const kind = answer === null ? "null" : typeof answer;
  return new TypeError(`the handler returned ${kind}, not a Response`);
}

const bodyGone = "the handler returned a Response whose body has been read or sent already; " +
  "return a new one for each request, or a clone()";

const noStatus = "the handler returned a Response with status 0, as Response.error() is, which " +
  "cannot be sent";
