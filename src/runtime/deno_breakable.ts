import { setTimeout as sleep } from "node:timers/promises";
import { performance } from "../natives.ts";
import { headerOf } from "./deno_headers.ts";

/**
 * To look at a header takes a request of a plain text 3 % of its time, and hardly anybody speaks HTTP/2
 * without TLS. So of these requests the first are looked at, then one in so many, and all once one has
 * come over HTTP/2, or while draining.
 */
const [first, oneIn] = [8, 16];

/** How often it is looked whether there are any left, in milliseconds. */
const interval = 10;

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
  readonly #bodies: () => number;
  readonly #draining: { readonly now: boolean };
  /** Look at each request? */
  #all: boolean;
  #seen = 0;
  #http2 = 0;

  /**
   * @param bodies How many requests that may have a body have yet to be answered.
   * @param draining Set while draining.
   * @param tls Is TLS spoken? Then most clients that can speak HTTP/2 do.
   */
  constructor(bodies: () => number, draining: { readonly now: boolean }, tls: boolean) {
    this.#bodies = bodies;
    this.#draining = draining;
    this.#all = tls;
  }

  /** Counts a request until its response is sent, if it came over HTTP/2. */
  countHttp2(request: Request, info: { readonly completed: Promise<void> }): void {
    if (!this.#all && ++this.#seen > first && this.#seen % oneIn !== 0 && !this.#draining.now) {
      return;
    }
    this.#lookAt(request, info);
  }

  #lookAt(request: Request, info: { readonly completed: Promise<void> }): void {
    // HTTP/1.1 demands a `Host` (RFC 9112 §3.2), and HTTP/2 has `:authority` in its place.
    if (headerOf(request, "host") !== null) return;
    // Unlike `get`, it has all of them read, which Deno keeps for no answer over HTTP/2.
    request.headers.has("host");
    this.#all = true;
    this.#http2++;
    const sent = (): void => void this.#http2--;
    // It is rejected where the client has gone.
    info.completed.then(sent, sent);
  }

  /** Resolves when there is none, or after `timeout` milliseconds. */
  async none(timeout: number): Promise<void> {
    const deadline = performance.now() + timeout;
    // Looked for, and not told: a promise more for each request takes a tenth of its time.
    while ((this.#http2 > 0 || this.#bodies() > 0) && performance.now() < deadline) {
      await sleep(interval);
    }
  }
}
