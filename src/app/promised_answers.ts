import { describe } from "../errors.ts";
import { logger } from "../log.ts";
import { pathOf } from "../request_head.ts";
import { BodyTooLarge, type FetchHandler } from "../runtime/runtime.ts";
import { clientClosedRequest, gone, tooLate } from "./answers.ts";
import type { Cancellation } from "./cancellation.ts";
import { faultOf } from "./faults.ts";
import { type GivingUp, isAbort, PendingRequest } from "./pending_requests.ts";
import type { RequestAnswers } from "./request_answers.ts";
import type { RequestEnds } from "./request_ends.ts";
import type { RequestPathOptions, Sent } from "./request_path_options.ts";
import { DOMException, isResponse, Promise } from "../natives.ts";

const log = logger("handler");

/** Makes what becomes of a request whose answer is promised. */
export function promisedAnswers(
  options: RequestPathOptions,
  { ended, counted, sent }: RequestEnds,
  { answered, rethrown, failed, tell, thrown }: RequestAnswers,
) {
  const { counters, onError, upgraded, settled, pending } = options;
  const { timeout } = pending;

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

  /**
   * Lets the handler, which goes on, look at the request as ever: once there is an answer, Deno 2.9 knows no
   * more headers than those that somebody has asked for before.
   */
  function keepReadable({ headers }: Request): void {
    headers.has("host");
  }

  const givingUp: GivingUp = {
    left({ request, method, client, started, answer }): void {
      counters.abandoned++;
      keepReadable(request);
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
      keepReadable(request);
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

  return { waitedFor, answerOf, ownAnswer, inTime };
}
