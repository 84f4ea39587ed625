import type { ShedReason } from "../metrics/snapshot.ts";
import { BodyTooLarge, type FetchHandler } from "../runtime/runtime.ts";
import { overloaded } from "./answers.ts";
import { Cancellation } from "./cancellation.ts";
import { promisedAnswers } from "./promised_answers.ts";
import { requestAnswers } from "./request_answers.ts";
import { requestEnds } from "./request_ends.ts";
import type { RequestPathOptions, Sent } from "./request_path_options.ts";

/**
 * Puts the counting around a handler.
 *
 * This is the request path. It makes no promise where the handler returned a `Response`, and it
 * allocates nothing of its own then. A request counts as in flight until the handler's promise
 * settles, its client leaves or it times out; a body that still streams has been answered.
 */
export function requestPath(handler: FetchHandler, options: RequestPathOptions): FetchHandler {
  const { counters, maxInflight = Infinity, loopWait, onError, now, clientOf } = options;
  const { timeout } = options.pending;
  const ends = requestEnds(options);
  const { begun, counted, sent } = ends;
  const answers = requestAnswers(options, ends);
  const { answered, thrown } = answers;
  const { waitedFor, answerOf, ownAnswer, inTime } = promisedAnswers(options, ends, answers);

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
      settlesLater = hasThen(answer);
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

/** A promise, or whatever else has a `then`. */
function hasThen(answer: ReturnType<FetchHandler>): boolean {
  return typeof (answer as { then?: unknown } | null | undefined)?.then === "function";
}
