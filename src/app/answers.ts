/**
 * The answers that are Hurricane's own, and not the handler's.
 *
 * @module
 */
import { cloneResponse, Response } from "../natives.ts";

/** The runtime's own class, whatever the handler's modules put in its place later. */
export const NativeResponse = Response;

/** What nginx has made the status of a client that has left before its answer. */
export const clientClosedRequest = 499;

/** For a runtime that must be given an answer where there is nobody to send one to. */
export function gone(): Response {
  return new NativeResponse(null, { status: clientClosedRequest });
}

/** The answer to a request that has taken too long. */
export function tooLate(): Response {
  return new NativeResponse("Gateway Timeout\n", {
    status: 504,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** The answer to a request whose body is longer than it may be. */
export function tooLarge(): Response {
  return new NativeResponse("Payload Too Large\n", { status: 413 });
}

/** The answer to a request whose `Host` is none. */
export function misaddressed(): Response {
  return new NativeResponse(misaddressedText, {
    status: 400,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** What is said where a `Host` is none. */
export const misaddressedText = "Bad Request: what the Host header says is no host\n";

/** The answer to a request that failed: it says nothing of the error. */
export function plain500(): Response {
  return new NativeResponse("Internal Server Error\n", {
    status: 500,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** Kept: on Deno a status and headers cost more than all else of it, and a copy next to nothing. */
const overloadedAnswer = new NativeResponse("Service Unavailable\n", {
  status: 503,
  headers: { "content-type": "text/plain; charset=utf-8", "retry-after": "1" },
});

/** The answer to one request too many: RFC 9110 §15.6.4, with the seconds after which to try again. */
export function overloaded(): Response {
  return cloneResponse(overloadedAnswer);
}

/** Asks for another connection. */
export function closing(answer: Response): Response {
  return withHeader(answer, "connection", "close");
}

/**
 * Sets a header: in a copy where the headers cannot be changed, as those of `Response.redirect()` and, on
 * Deno, of `fetch()`. What `fetch()` gives has been inflated, which of the answer itself Deno knows, but
 * not of a copy: the copy does not say that it is compressed.
 */
export function withHeader(answer: Response, name: string, value: string): Response {
  try {
    answer.headers.set(name, value);
    return answer;
  } catch {
    const copy = new NativeResponse(answer.body, answer);
    copy.headers.set(name, value);
    if (answer.url !== "" && copy.headers.has("content-encoding")) {
      copy.headers.delete("content-encoding");
      copy.headers.delete("content-length");
    }
    return copy;
  }
}
