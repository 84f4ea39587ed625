import { isResponse } from "../natives.ts";

/**
 * What keeps an answer of a handler from being sent; `undefined`: nothing.
 *
 * @param upgraded Has a request become a WebSocket, so that `undefined` is the answer to it?
 */
export function faultOf(
  answer: unknown,
  request: Request,
  upgraded: (request: Request) => boolean,
): TypeError | undefined {
  if (!isResponse(answer)) {
    return answer === undefined && upgraded(request) ? undefined : notAResponse(answer);
  }
  if (answer.bodyUsed) return new TypeError(bodyGone);
  return answer.status === 0 ? new TypeError(noStatus) : undefined;
}

function notAResponse(answer: unknown): TypeError {
  const kind = answer === null ? "null" : typeof answer;
  return new TypeError(`the handler returned ${kind}, not a Response`);
}

const bodyGone = "the handler returned a Response whose body has been read or sent already; " +
  "return a new one for each request, or a clone()";

const noStatus = "the handler returned a Response with status 0, as Response.error() is, which " +
  "cannot be sent";
