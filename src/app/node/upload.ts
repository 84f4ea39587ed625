import type { IncomingMessage } from "node:http";
import { longestUnwanted, mostUnwanted, unwantedSilence } from "../../runtime/bodies.ts";
import { clearTimeout, performance, Promise, setTimeout } from "../../natives.ts";

/** Does a request say that it has a body? RFC 9112 §6.3 */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** Has a body come in and thrown away, unless somebody reads it: Deno 2.9 does so by itself only sometimes. */
export function throwAway(req: IncomingMessage): void {
  if (req.readableFlowing === null && req.listenerCount("readable") === 0) req.resume();
}

/** The body of a request, as it comes in: what is more than it may be, and its end. */
export class Upload {
  readonly #req: IncomingMessage;
  readonly #limit: number;
  readonly #exceeded: () => void;
  /** In bytes. */
  #seen = 0;
  #refused = false;
  #came: (() => void) | undefined;

  /**
   * @param limit in bytes
   * @param exceeded called once, when it turns out longer
   */
  constructor(req: IncomingMessage, limit: number, exceeded: () => void) {
    this.#req = req;
    this.#limit = limit;
    this.#exceeded = exceeded;
    const { push } = req;
    // What comes passes here on both runtimes, and `null` at its end.
    req.push = (chunk: Uint8Array | string | null, ...rest: []): boolean =>
      this.#takes(chunk) ? push.call(req, chunk, ...rest) : true;
  }

  /** Has whoever reads it fail. Its rest is thrown away when it comes: its client is to see an answer. */
  refuse(error: Error): void {
    const req = this.#req;
    this.#refused = true;
    // That of node:http closes the connection. As with that, nothing is thrown where nobody listens.
    req._destroy = (error, done) => done(req.listenerCount("error") > 0 ? error : null);
    req.destroy(error);
    // Who has been slow to read it has stopped the connection.
    req._read(0);
  }

  /**
   * Has what is left come in before the connection is closed, within limits: that would be a reset
   * otherwise, and the answer lost. Whoever reads it reads on.
   */
  async rest(): Promise<void> {
    const req = this.#req;
    if (!this.#refused) throwAway(req);
    const deadline = performance.now() + longestUnwanted;
    const most = this.#seen + mostUnwanted;
    while (!this.#isOver() && this.#seen < most && performance.now() < deadline) {
      const before = this.#seen;
      await this.#more();
      if (this.#seen === before) return;
    }
  }

  #isOver(): boolean {
    return this.#req.complete || this.#req.socket === null || this.#req.socket.destroyed;
  }

  /** Resolves when something has come, the connection has gone, or nothing has come for a while. */
  #more(): Promise<void> {
    const { socket } = this.#req;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        socket.off("close", done);
        this.#came = undefined;
        resolve();
      };
      const timer = setTimeout(done, unwantedSilence);
      socket.once("close", done);
      this.#came = done;
    });
  }

  /** Is that for whoever reads it? */
  #takes(chunk: Uint8Array | string | null): boolean {
    const before = this.#seen;
    this.#seen += chunk?.length ?? 0;
    this.#came?.();
    if (!this.#refused && before <= this.#limit && this.#seen > this.#limit) this.#exceeded();
    if (!this.#refused) return true;
    if (this.#seen > this.#limit + mostUnwanted) this.#req.socket.destroy();
    return false;
  }
}
