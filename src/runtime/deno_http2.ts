/**
 * The HTTP/2 requests that a server is answering.
 *
 * A server that shuts down says so to each connection (GOAWAY), which would do no harm, did not some
 * clients say the same in return, Node's among them: Deno 2.9 then drops what is in flight on that
 * connection (https://github.com/hyperium/h2/issues/885). So it is said when nothing is.
 */
export class Http2Requests {
  #open = 0;
  #none = Promise.withResolvers<void>();

  constructor() {
    this.#none.resolve();
  }

  /** Counts a request until its response is sent, if it came over HTTP/2. */
  count(request: Request, { completed }: { completed: Promise<void> }): void {
    // HTTP/1.1 demands a `Host` (RFC 9112 §3.2), and HTTP/2 has `:authority` in its place.
    if (request.headers.has("host")) return;
    if (this.#open++ === 0) this.#none = Promise.withResolvers();
    const ended = (): void => {
      if (--this.#open === 0) this.#none.resolve();
    };
    // It is rejected where the client has gone.
    completed.then(ended, ended);
  }

  /** Resolves when there is none. */
  none(): Promise<void> {
    return this.#none.promise;
  }
}
