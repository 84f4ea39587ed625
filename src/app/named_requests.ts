/**
 * Requests that have a name, which the handler and the client get to know: `--request-id`.
 *
 * @module
 */
import { runtime } from "../runtime/mod.ts";
import type { FetchHandler } from "../runtime/runtime.ts";
import { withHeader } from "./answers.ts";
import { requestIdHeader, requestIdOf } from "./request_id.ts";
import type { ThrownErrors } from "./thrown_errors.ts";
import { isPromise } from "../natives.ts";

/** Puts the naming around a handler that tells of its errors by `errors`. */
export function namedRequests(errors: ThrownErrors): (handler: FetchHandler) => FetchHandler {
  return (handler) => (request, info) => {
    const id = requestIdOf(runtime.headerOf(request, requestIdHeader));
    runtime.setRequestHeader(request, requestIdHeader, id);
    const named = <Answer extends Response | undefined>(answer: Answer): Answer =>
      // What switches protocols is the runtime's own, and goes out as it is.
      answer === undefined || answer.status === 101
        ? answer
        : withHeader(answer, requestIdHeader, id) as Answer;
    const failed = (error: unknown): never => {
      errors.change(error, named);
      throw error;
    };
    try {
      const answer = handler(request, info);
      return isPromise(answer)
        ? (answer as Promise<Response>).then(named, failed)
        : named(answer as Response);
    } catch (error) {
      return failed(error);
    }
  };
}
