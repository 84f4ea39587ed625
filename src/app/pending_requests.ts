import { runtime } from "../runtime/mod.ts";
import type { FetchHandler, Runtime } from "../runtime/runtime.ts";
import type { Cancellation } from "./cancellation.ts";
import { clearTimeout, setTimeout } from "../natives.ts";

/**
 * How long a request must wait for its answer until it is looked after, in milliseconds. Most are
 * answered by then and never pay for it.
 */
const lookAfter = 25;

/** What is done with a request that is given up. */
export interface GivingUp {
  /** Its client has left. */
  left(request: PendingRequest): void;
  /** It has had no answer for as long as it may take. */
  timedOut(request: PendingRequest): void;
}

/** A request whose handler has promised an answer. */
export class PendingRequest {
  /** Has it been answered or given up? */
  over = false;
  /** Gives it an answer before its handler does, where there is a time limit. */
  answer: ((response: ReturnType<FetchHandler>) => void) | undefined;

  /** Neighbours in the order in which they came. */
  previous: PendingRequest | undefined;
  next: PendingRequest | undefined;

  constructor(
    readonly request: Request,
    readonly method: string,
    readonly info: unknown,
    /** Who its client is, where somebody wants to know: a runtime no longer tells of one that has left. */
    readonly client: string | undefined,
    readonly started: number,
    readonly givingUp: GivingUp,
    /** Aborts its signal, where there is a time limit. */
    readonly cancellation: Cancellation | undefined,
  ) {}
}

/** What {@linkcode PendingRequests} are kept with. */
export interface PendingRequestsOptions {
  /** The clock that their `started` is of, in milliseconds. */
  now(): number;
  /** How long a request may be without an answer, in milliseconds. Left out: for ever. */
  timeout?: number | undefined;
  /** Tells the runtime of a handler that is waited for: see `Runtime.waits`. */
  waits?: Runtime["waits"] | undefined;
}

/**
 * The requests whose handler has promised an answer, until it is there, their client leaves, or they
 * time out.
 *
 * To be told of a client that leaves costs as much as the rest of the request path together. So that
 * is asked for only where a request has been pending for some time. One timer looks after all of
 * them, and only while there are any that it has not looked at; they are a linked list, so that to
 * add one and to take it out allocates nothing.
 */
export class PendingRequests {
  readonly timeout: number | undefined;
  /** The clock that their `started` is of, in milliseconds. */
  readonly now: () => number;
  readonly #pause: number;
  readonly #waits: Runtime["waits"] | undefined;
  #first: PendingRequest | undefined;
  #last: PendingRequest | undefined;
  /** The first that has not been looked at: so have not all that come after it. */
  #unseen: PendingRequest | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor({ now, timeout, waits }: PendingRequestsOptions) {
    this.timeout = timeout;
    this.#waits = waits;
    this.now = now;
    this.#pause = Math.min(lookAfter, timeout ?? Infinity);
  }

  /** Looks after one until it ends. */
  add(request: PendingRequest): void {
    const last = this.#last;
    if (last === undefined) this.#first = request;
    else {
      last.next = request;
      request.previous = last;
    }
    this.#last = request;
    this.#unseen ??= request;
    if (this.#timer === undefined && !this.#closed) this.#lookIn(this.#pause);
  }

  /** It has been answered. */
  end(request: PendingRequest): void {
    request.over = true;
    this.#remove(request);
  }

  /** Does nothing where it is not among them. */
  #remove(request: PendingRequest): void {
    const { previous, next } = request;
    if (previous === undefined && this.#first !== request) return;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    if (this.#unseen === request) this.#unseen = next;
    request.previous = request.next = undefined;
  }

  /**
   * Has its client left, now that the handler has thrown this ({@linkcode isAbort})? Looks at once, and
   * gives it up where that is so.
   */
  hasLeft(request: PendingRequest, error: unknown): boolean {
    this.#watch(request);
    if (!request.over && !this.#closed && runtime.isBrokenUpload(error)) {
      this.#giveUp(request, "left");
    }
    return request.over;
  }

  /** Gives none up any more: from here on it is not the client who closes a connection. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #lookIn(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, milliseconds);
  }

  #look(): void {
    const now = this.now();
    const timeout = this.timeout ?? Infinity;
    while (this.#first !== undefined && now - this.#first.started >= timeout) {
      this.#giveUp(this.#first, "timedOut");
    }
    while (this.#unseen !== undefined && now - this.#unseen.started >= lookAfter) {
      const request = this.#unseen;
      this.#unseen = request.next;
      this.#watch(request);
    }
    if (this.#first === undefined) return;
    const left = this.#first.started + timeout - now;
    // Without a time limit there is nothing to do for those that have been looked at.
    if (left < Infinity || this.#unseen !== undefined) {
      this.#lookIn(Math.max(1, Math.min(left, this.#pause)));
    }
  }

  #watch(pending: PendingRequest): void {
    this.#waits?.(pending.request, pending.info);
    runtime.whenClientLeaves(pending.request, () => {
      if (!pending.over && !this.#closed) this.#giveUp(pending, "left");
    });
  }

  #giveUp(pending: PendingRequest, how: keyof GivingUp): void {
    this.#remove(pending);
    // The end of a WebSocket is none of a request, and there is no way to answer one.
    if (runtime.handedOver(pending.request)) return;
    pending.over = true;
    pending.givingUp[how](pending);
  }
}

/** Is it what `fetch`, the reading of an upload and others throw when a client has left? */
export function isAbort(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name } = error;
  return name === "AbortError" || name === "TimeoutError" || runtime.isBrokenUpload(error);
}
