import { describe } from "../errors.ts";
import { logger } from "../log.ts";
import { pathOf } from "../request_head.ts";
import { BodyTooLarge } from "../runtime/runtime.ts";
import { plain500, tooLarge } from "./answers.ts";
import { faultOf } from "./faults.ts";
import type { RequestEnds } from "./request_ends.ts";
import type { RequestPathOptions, Sent } from "./request_path_options.ts";
import { Promise } from "../natives.ts";

const log = logger("handler");

/** Makes what becomes of an answer that is there, and of what was thrown in its place. */
export function requestAnswers(options: RequestPathOptions, { counted, sent }: RequestEnds) {
  const { upgraded, errors, untouched, onThrown, inspect } = options;

  function answered(
    answer: Response | undefined,
    request: Request,
    method: string,
    info: unknown,
    client: string | undefined,
    started: number,
  ): Sent {
    const error = untouched?.(answer) ? undefined : faultOf(answer, request, upgraded);
    if (error !== undefined) return failed(error, request, method, info, client, started);
    return sent(counted(answer, request, method, info, client, started), request, method);
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

  return { answered, rethrown, failed, tell, thrown };
}

/** What {@linkcode requestAnswers} makes. */
export type RequestAnswers = ReturnType<typeof requestAnswers>;
