/**
 * The requests that Deno 2.9 breaks when a server shuts down while it is answering them.
 *
 * - Over HTTP/2 a server that shuts down says so to each connection (GOAWAY), which would do no harm,
 *   did not some clients say the same in return, Node's among them: what is in flight on that
 *   connection is dropped then (https://github.com/hyperium/h2/issues/885).
 * - A body that the handler still reads fails: "Cannot read body as underlying resource unavailable".
 *
 * So the server shuts down when there are none.
 */
export class BreakableRequests {
  #open = 0;
  #none = Promise.withResolvers<void>();

  constructor() {
    this.#none.resolve();
  }

  /** Counts a request until its response is sent, if it came over HTTP/2. */
  countHttp2(request: Request, { completed }: { completed: Promise<void> }): void {
    // HTTP/1.1 demands a `Host` (RFC 9112 §3.2), and HTTP/2 has `:authority` in its place.
    if (!request.headers.has("host")) this.#count(completed);
  }

  /** Counts a request that may have a body until the handler has answered it. */
  countBody<Answer>(answer: Answer): Answer {
    if (answer instanceof Promise) this.#count(answer);
    return answer;
  }

  /** Resolves when there is none. */
  none(): Promise<void> {
    return this.#none.promise;
  }

  #count(end: Promise<unknown>): void {
    if (this.#open++ === 0) this.#none = Promise.withResolvers();
    const ended = (): void => {
      if (--this.#open === 0) this.#none.resolve();
    };
    // It is rejected where the client has gone.
    end.then(ended, ended);
  }
}
