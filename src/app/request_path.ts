import { describe } from "../errors.ts";
import { logger } from "../log.ts";
import type { RequestCounters } from "../metrics/requests.ts";
import type { ShedReason } from "../metrics/snapshot.ts";
import { pathOf } from "../request_head.ts";
import { BodyTooLarge, type FetchHandler, type Runtime } from "../runtime/runtime.ts";
import {
  clientClosedRequest,
  closing,
  gone,
  overloaded,
  plain500,
  tooLarge,
  tooLate,
} from "./answers.ts";
import { sizeRecorder } from "./answer_sizes.ts";
import { Cancellation } from "./cancellation.ts";
import { faultOf } from "./faults.ts";
import type { LoopWait } from "./loop_wait.ts";
import {
  type GivingUp,
  isAbort,
  PendingRequest,
  type PendingRequests,
} from "./pending_requests.ts";
import type { ThrownErrors } from "./thrown_errors.ts";
import { DOMException, isPromise as isNativePromise, isResponse, Promise } from "../natives.ts";

const log = logger("handler");

/** What the runtime gets: there is a promise in it only where somebody else has made one. */
type Sent = ReturnType<FetchHandler>;

/** What happens around a request besides the handler. */
export interface RequestPathOptions {
  counters: RequestCounters;
  /** Count durations and sizes, too? */
  metrics: boolean;
  /** With so many requests in flight, a further one is refused. Left out: none is. */
  maxInflight?: number;
  /** Knows which requests have waited for too long, where those are refused. */
  loopWait?: LoopWait;
  /**
   * The handler's own answer to what its `fetch` throws: the `error` field of a Bun server, which is
   * called as Bun does, with the server as `this`.
   */
  onError?: (this: unknown, error: unknown) => Response | Promise<Response>;
  /** Is `undefined` the answer to a request? It is to one that has become a WebSocket on Bun. */
  upgraded(request: Request): boolean;
  /** Takes errors on to the runtime's own error function. */
  errors: ThrownErrors;
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
  /** Looks after what has no answer yet. */
  pending: PendingRequests;
  /** Called after each answer, and where a client has left (status 499); left out where nobody wants to know. */
  onAnswer?: (
    request: Request,
    method: string,
    client: string | undefined,
    status: number,
    seconds: number,
    answer: Response | undefined,
  ) => void;
  /**
   * The client's address, or what else the access log makes of who asks, for `onAnswer`: asked before the handler, for no runtime tells it once the
   * client has left or the request was upgraded.
   */
  clientOf?: (request: Request, info: unknown) => string | undefined;
  /** Called with what the handler throws; left out where nobody wants to know. */
  onThrown?: (request: Request, error: unknown) => void;
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
  const { counters, metrics, maxInflight = Infinity, loopWait, onError, upgraded, errors } =
    options;
  const { waits, settled, readRest } = options;
  const { draining, now, pending, onAnswer, clientOf, onThrown, inspect } = options;
  const { timeout } = pending;
  const recordSize = sizeRecorder(counters);

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
  ): Sent {
    const error = faultOf(answer, request, upgraded);
    if (error !== undefined) return failed(error, request, method, info, client, started);
    return sent(counted(answer, request, method, info, client, started), request, method);
  }

  /** Counts the end of a request. */
  function ended(
    status: number,
    request: Request,
    method: string,
    client: string | undefined,
    started: number,
    answer?: Response,
  ): void {
    counters.inFlight--;
    if (mayHaveBody(method)) counters.bodiesInFlight--;
    counters.answered++;
    const seconds = (now() - started) / 1000;
    if (metrics) counters.record(method, status, seconds);
    if (onAnswer !== undefined) onAnswer(request, method, client, status, seconds, answer);
  }

  /**
   * Counts an answer that can be sent, or the one that the runtime demands in its place. What has become
   * a WebSocket on Bun has had its answer, whatever the handler returns or throws then.
   */
  function counted(
    given: Response | undefined,
    request: Request,
    method: string,
    info: unknown,
    client: string | undefined,
    started: number,
  ): Response | undefined {
    const demanded = settled?.(request, given, info);
    if (demanded !== undefined) tellUpgraded(request, method);
    const answer = demanded ?? (upgraded(request) ? undefined : given);
    const status = answer === undefined ? 101 : answer.status;
    ended(status, request, method, client, started, answer);
    if (metrics && answer !== undefined) recordSize(answer);
    return draining.now && answer !== undefined && status !== 101 ? closing(answer) : answer;
  }

  /** What has been counted goes to the runtime, once nothing of the request is unread that has to be. */
  function sent(answer: Response | undefined, request: Request, method: string): Sent {
    return readRest !== undefined && answer !== undefined && mayHaveBody(method)
      ? readRest(request, answer)
      : answer;
  }

  /** As {@linkcode sent}, for the answer to an error, which then is thrown again. */
  function rethrown(
    error: unknown,
    answer: Response | undefined,
    request: Request,
    method: string,
  ): Sent {
    // An upgraded request has its answer. To throw would close Deno's server, and on Bun nobody would
    // catch it.
    if (answer === undefined || answer.status === 101) return answer;
    const sending = sent(answer, request, method);
    if (sending === answer) return errors.throw(error, answer);
    return Promise.resolve(sending).then(() => errors.throw(error, answer));
  }

  /** The last resort: a plain 500 without a word about the error, which is thrown again. */
  function failed(
    error: unknown,
    request: Request,
    method: string,
    info: unknown,
    client: string | undefined,
    started: number,
    cause = error,
  ): Sent {
    tell(error, request, method);
    const answer = counted(plain500(), request, method, info, client, started);
    return rethrown(cause, answer, request, method);
  }

  function tell(error: unknown, request: Request, method: string): void {
    onThrown?.(request, error);
    const stack = inspect(error);
    log.error("{method} {path} failed: {error}", {
      method,
      path: pathOf(request.url),
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

  /** Answers for what the handler has thrown, without its own error function. */
  function thrown(
    error: unknown,
    request: Request,
    method: string,
    info: unknown,
    client: string | undefined,
    started: number,
  ): Sent {
    if (!(error instanceof BodyTooLarge)) {
      return failed(error, request, method, info, client, started);
    }
    const { message } = error;
    log.warn("{method} {path}: {message}", { method, path: pathOf(request.url), message });
    return sent(counted(tooLarge(), request, method, info, client, started), request, method);
  }

  function handled(request: Request, info: unknown): Sent {
    // Read once: a handler may put another in its place, and what was counted up must be counted down.
    const { method } = request;
    const client = clientOf?.(request, info);
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
        return thrown(error, request, method, info, client, started);
      }
      const one = waitedFor(request, method, info, client, started, cancellation);
      return inTime(ownAnswer(onError, error, one), one);
    }
    if (!settlesLater) {
      return answered(answer as Response | undefined, request, method, info, client, started);
    }
    const one = waitedFor(request, method, info, client, started, cancellation);
    return inTime(answerOf(answer, one), one);
  }

  function waitedFor(
    request: Request,
    method: string,
    info: unknown,
    client: string | undefined,
    started: number,
    cancellation: Cancellation | undefined,
  ): PendingRequest {
    const one = new PendingRequest(request, method, info, client, started, givingUp, cancellation);
    pending.add(one);
    waits?.(request, info);
    return one;
  }

  /** What becomes of an answer that the handler has promised. */
  function answerOf(
    promised: ReturnType<FetchHandler>,
    one: PendingRequest,
  ): Promise<Response | undefined> {
    // Of a thenable that is no promise, `then` may return anything.
    return Promise.resolve(promised).then(
      (answer) => resolved(answer, one),
      (error) => rejected(error, one),
    );
  }

  function resolved(answer: Response | undefined, one: PendingRequest): Sent {
    if (one.over) return unwanted(answer, one);
    pending.end(one);
    return answered(answer, one.request, one.method, one.info, one.client, one.started);
  }

  function rejected(error: unknown, one: PendingRequest): Sent {
    if (one.over || (isAbort(error) && pending.hasLeft(one, error))) return thrownLate(error, one);
    if (onError !== undefined && !(error instanceof BodyTooLarge)) {
      return ownAnswer(onError, error, one);
    }
    pending.end(one);
    return thrown(error, one.request, one.method, one.info, one.client, one.started);
  }

  /** The handler's own answer to its error. Rejects with that, once it is made. */
  async function ownAnswer(
    onError: NonNullable<RequestPathOptions["onError"]>,
    error: unknown,
    one: PendingRequest,
  ): Promise<Response | undefined> {
    const { request, method, info, client, started } = one;
    tell(error, request, method);
    let answer: Response;
    try {
      answer = await onError.call(info, error);
      if (one.over) return unwanted(answer, one);
      const wrong = faultOf(answer, request, upgraded);
      if (wrong !== undefined) throw wrong;
    } catch (again) {
      if (one.over) return thrownLate(again, one);
      pending.end(one);
      return failed(again, request, method, info, client, started, error);
    }
    pending.end(one);
    const final = counted(answer, request, method, info, client, started);
    return rethrown(error, final, request, method);
  }

  /** Throws away an answer that nobody waits for any more. */
  function unwanted(answer: Response | undefined, one: PendingRequest): Response {
    counters.abandoned--;
    // That of an upgrade is the only one that Deno takes.
    if (isResponse(answer) && answer.status === 101) return answer;
    if (isResponse(answer) && answer.body !== null && !answer.body.locked) {
      answer.body.cancel().catch((error: unknown) => {
        log.debug("a body that nobody wants fails: {error}", { error: describe(error) });
      });
    }
    return toNobody(one);
  }

  /** Tells what was thrown when nobody waited any more, unless it is that which was thrown about. */
  function thrownLate(error: unknown, one: PendingRequest): Sent {
    counters.abandoned--;
    if (!isAbort(error)) tell(error, one.request, one.method);
    return toNobody(one);
  }

  /** What the runtime is given where nobody waits for an answer any more. */
  function toNobody({ request, info }: PendingRequest): Response {
    const answer = gone();
    return settled?.(request, answer, info) ?? answer;
  }

  const givingUp: GivingUp = {
    left({ request, method, client, started, answer }): void {
      counters.abandoned++;
      ended(clientClosedRequest, request, method, client, started);
      // Deno keeps the connection until there is an answer, which there may never be.
      answer?.(gone());
    },
    timedOut({ request, method, info, client, started, answer, cancellation }): void {
      counters.abandoned++;
      const after = `${timeout}ms`;
      log.warn("{method} {path} has no answer after {after} (--request-timeout): 504", {
        method,
        path: pathOf(request.url),
        after,
      });
      const late = counted(tooLate(), request, method, info, client, started);
      answer?.(sent(late, request, method));
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

  if (maxInflight === Infinity && loopWait === undefined) return handled;

  /** Refuses a request without the handler. */
  function shed(request: Request, info: unknown, reason: ShedReason): Sent {
    const { method } = request;
    const client = clientOf?.(request, info);
    const started = now();
    // Also without metrics: the log tells of it.
    counters.recordShed(reason);
    // It is in flight for as long as this takes, which nobody can see.
    begun(method);
    return sent(counted(overloaded(), request, method, info, client, started), request, method);
  }

  return (request, info) => {
    // The turn is watched whether or not there is place.
    const isLate = loopWait?.exceeded(counters.inFlight) ?? false;
    if (counters.inFlight >= maxInflight) return shed(request, info, "inflight");
    return isLate ? shed(request, info, "wait") : handled(request, info);
  };
}

/** Both runtimes take none from a GET and a HEAD, for which RFC 9110 §9.3.1 gives a body no meaning. */
function mayHaveBody(method: string): boolean {
  return method !== "GET" && method !== "HEAD";
}

function isPromise(answer: ReturnType<FetchHandler>): boolean {
  return isNativePromise(answer) ||
    typeof (answer as { then?: unknown } | undefined)?.then === "function";
}
