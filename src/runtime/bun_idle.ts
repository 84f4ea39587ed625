import type { BunServer } from "./bun_api.ts";
import { clearInterval, setInterval } from "../natives.ts";

/** How often it is looked which responses are still sent, in milliseconds. */
const sweepInterval = 1000;

/** Bun's timers have steps of four seconds, and may be a step early. */
const step = 4;

/** The longest that Bun measures in these steps, in seconds. */
const longest = 240;

/** The `idleTimeout` of a Bun server, in seconds, that is never shorter than so many milliseconds. */
export function bunIdleTimeout(milliseconds: number): number {
  return Math.min(longest, Math.ceil(milliseconds / 1000) + step);
}

const limits = new WeakMap<object, IdleLimit>();

/**
 * Makes the `idleTimeout` of a Bun server one for connections between requests.
 *
 * Bun 1.4 counts silence, whatever it is that is silent: a handler that takes its time, an event
 * stream without events. `server.timeout(request, 0)` ends that for one request, but holds for what
 * its connection does afterwards, too. So a handler that is waited for has no limit, its answer
 * brings the limit back, and a response that is still being sent begins it anew every second. Most are
 * answered before anybody waits for them, and nothing is set.
 */
export class IdleLimit {
  readonly #server: BunServer;
  readonly #seconds: number;
  readonly #timeout: BunServer["timeout"];
  /** Responses that take their time, until they have been sent. */
  readonly #sending = new Set<Request>();
  /** Requests whose handler has given them a limit of its own. */
  readonly #own = new WeakSet<Request>();
  #anyOwn = false;
  /** Requests without a limit, as their handlers are waited for. */
  readonly #unlimited = new WeakSet<Request>();
  /** How many of these have no answer. */
  #waiting = 0;
  /** What was answered last: whether all of it has been sent is known only later. */
  #last: Request | undefined;
  /** Only while there is something to look at: a server that idles is not woken. */
  #sweeping: ReturnType<typeof setInterval> | undefined;

  constructor(server: BunServer, seconds: number) {
    this.#server = server;
    this.#seconds = seconds;
    this.#timeout = server.timeout;
    Object.defineProperty(server, "timeout", {
      value: (request: Request, seconds: number): void => {
        this.#own.add(request);
        this.#anyOwn = true;
        this.#set(request, seconds);
      },
    });
    limits.set(server, this);
  }

  /** The limit of the server that called a handler. */
  static of(server: unknown): IdleLimit | undefined {
    // `server.fetch()` of a handler calls it without a server.
    return server === undefined ? undefined : limits.get(server as object);
  }

  /** The handler of this request is waited for. */
  waits(request: Request): void {
    if (this.#hasOwn(request) || this.#unlimited.has(request)) return;
    this.#set(request, 0);
    this.#unlimited.add(request);
    this.#waiting++;
  }

  /** A request has its answer, which is about to be sent. */
  answered(request: Request): void {
    this.#look();
    if (this.#hasOwn(request)) return;
    if (this.#waiting > 0 && this.#unlimited.delete(request)) {
      this.#waiting--;
      this.#set(request, this.#seconds);
    } else if (this.#anyOwn) {
      // The limit of a request before it on the same connection.
      this.#set(request, this.#seconds);
    }
    this.#last = request;
  }

  /** Ends it, with its server. */
  stop(): void {
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  #hasOwn(request: Request): boolean {
    return this.#anyOwn && this.#own.has(request);
  }

  #set(request: Request, seconds: number): void {
    this.#timeout.call(this.#server, request, seconds);
  }

  /** Bun tells the address of none that has been answered to the end. */
  #isSending(request: Request): boolean {
    return this.#server.requestIP(request) !== null;
  }

  #look(): void {
    const last = this.#last;
    // So it is for the first answer after a sweep.
    if (last === undefined) return this.#beginSweeping();
    this.#last = undefined;
    if (this.#isSending(last)) this.#sending.add(last);
  }

  #beginSweeping(): void {
    if (this.#sweeping !== undefined) return;
    this.#sweeping = setInterval(() => this.#sweep(), sweepInterval);
    this.#sweeping.unref();
  }

  #sweep(): void {
    this.#look();
    for (const request of this.#sending) {
      if (this.#isSending(request)) this.#set(request, this.#seconds);
      else this.#sending.delete(request);
    }
    if (this.#sending.size === 0) this.stop();
  }
}
