import { messageOf, TracedError } from "../errors.ts";
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
): Error | undefined {
  if (!isResponse(answer)) {
    return answer === undefined && upgraded(request) ? undefined : notAResponse(answer);
  }
  try {
    if (answer.bodyUsed) return new TypeError(bodyGone);
    return answer.status === 0 ? new TypeError(noStatus) : undefined;
  } catch (error) {
    return new NotAResponse(
      "the handler returned an object that has the prototype of a Response and is none, such as a Proxy; " +
        `return the Response itself (${messageOf(error)})`,
    );
  }
}

function notAResponse(answer: unknown): Error {
  const kind = answer === null ? "null" : typeof answer;
  return new NotAResponse(
    `the handler returned ${kind}, not a Response${isApplication(answer) ? factory : ""}`,
  );
}

/** Is it what a module should have exported, rather than a function that makes it? */
function isApplication(answer: unknown): boolean {
  if (typeof answer === "function") return true;
  const { fetch, listen } = Object(answer) as { fetch?: unknown; listen?: unknown };
  return typeof fetch === "function" || typeof listen === "function";
}

/** What a handler answered is no answer. */
class NotAResponse extends TracedError {
  override name = "TypeError";

  /** Where in Hurricane it was noticed is of no use to anybody. */
  get trace(): string {
    return `${this.name}: ${this.message}`;
  }
}

const factory = "; it seems to make an application: export what it makes " +
  "(export default await create())";

const bodyGone = "the handler returned a Response whose body has been read or sent already; " +
  "return a new one for each request, or a clone()";

const noStatus = "the handler returned a Response with status 0, as Response.error() is, which " +
  "cannot be sent";
