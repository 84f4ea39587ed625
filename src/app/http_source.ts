import type { RequestCounters } from "../metrics/requests.ts";
import { type HeldWeb, runtime } from "../runtime/mod.ts";
import type { HandlerListener, ListenerLoss } from "../runtime/runtime.ts";
import { logger } from "../log.ts";
import { type LoopWait, loopWait } from "./loop_wait.ts";
import { lostGrace, queuePatience } from "../timeline.ts";
import { expired, within } from "../within.ts";
import { AccessLog } from "./access_log.ts";
import type { WebHandler } from "./handler.ts";
import { type Layered, layered, type ProbeForwarder } from "./layers.ts";
import { ListenerLost } from "./listen_error.ts";
import { cannotListen, emptyQueue, readKeyPair } from "./listening.ts";
import type { AppOptions } from "./options.ts";
import type { Traces } from "./otel/traces.ts";
import type { AppAddress } from "./protocol.ts";
import { PendingRequests } from "./pending_requests.ts";
import { remarks } from "./remarks.ts";
import { serverFields } from "./server_fields.ts";
import type { CutOff, Source } from "./source.ts";
import { performance, Promise, setTimeout } from "../natives.ts";

const log = logger("handler");

/** What a source of requests is made of. */
export interface HttpSourceParts<Serving = WebHandler> {
  handler: Serving;
  options: AppOptions;
  counters: RequestCounters;
  /** Where requests are traced. */
  traces: Traces | undefined;
  /** 0 picks a free one. */
  port: number;
  /** Answers the probe paths, where the probes share the port. */
  forwardProbe: ProbeForwarder | undefined;
  /** Called when it no longer listens and never will again, and what was in flight had its chance. */
  lost(error: Error): void;
}

/** Requests over HTTP, on the runtime's own server. */
export class HttpSource implements Source<Omit<AppAddress, "checks">> {
  readonly #parts: HttpSourceParts;
  readonly #draining = { now: false };
  #access: AccessLog | undefined;
  readonly #pending: PendingRequests;
  readonly #loopWait: LoopWait | undefined;
  /** Is nothing waited for any more? */
  #over = false;
  #listener: HandlerListener | undefined;
  readonly #ended = Promise.withResolvers<void>();

  constructor(parts: HttpSourceParts) {
    this.#parts = parts;
    const { maxWait, requestTimeout } = parts.options;
    this.#pending = new PendingRequests({
      now: runtime.clock(),
      timeout: requestTimeout,
      waits: runtime.waits,
    });
    this.#loopWait = loopWait(maxWait, runtime.clock());
  }

  get inFlight(): number {
    return this.#parts.counters.inFlight;
  }

  /** Begins to listen. */
  async start(): Promise<Omit<AppAddress, "checks">> {
    const { handler, options, counters, port } = this.#parts;
    const { hostname, reusePort, maxBodySize, idleTimeout, tls } = options;
    this.#access = await AccessLog.open(options);
    const { fetch, ...layers } = await this.#layered(handler);
    const address = { hostname, port, reusePort };
    if (idleTimeout !== undefined && !runtime.closesIdle) {
      remarks.warn(
        "--idle-timeout is of no effect: Deno closes no idle connection, and Hurricane can on Linux alone",
      );
    }
    try {
      this.#listener = await runtime.listenHandler(fetch, {
        ...address,
        maxBodySize,
        idleTimeout,
        ...(tls === undefined ? { tls: handler.tls } : { tls: await readKeyPair(tls) }),
        ...layers,
        direct: handler.held !== undefined,
        draining: this.#draining,
        bodiesInFlight: () => counters.bodiesInFlight,
        lost: (loss) => void this.#lost(loss),
      });
    } catch (error) {
      throw await cannotListen(address, error);
    }
    const { hostname: picked, port: open, scheme, server } = this.#listener;
    const listening = { hostname: picked, port: open, scheme };
    handler.held?.adopted(listening, {
      ...(server === undefined ? {} : { server }),
      ended: this.#ended.promise,
      reload: (web) => void this.#reload(web),
      close: (how) => {
        const reason = `the handler ended its server by ${how}`;
        if (!this.#draining.now) void this.#lost({ reason, reopened: false });
      },
    });
    return listening;
  }

  async #reload(web: HeldWeb): Promise<void> {
    const { fetch, ...layers } = await this.#layered({ ...this.#parts.handler, ...web });
    this.#listener?.reload?.(fetch, layers);
  }

  async #layered(handler: WebHandler): Promise<Layered> {
    const { options, counters, traces, forwardProbe } = this.#parts;
    const { fetch, onError } = handler;
    const served = { fetch, fields: serverFields(handler, options), onError };
    return await layered(served, options, {
      counters,
      draining: this.#draining,
      access: this.#access,
      traces,
      pending: this.#pending,
      loopWait: this.#loopWait,
      forwardProbe,
    });
  }

  /** From now on each response asks its client to open another connection next time. */
  drain(): void {
    this.#draining.now = true;
  }

  /**
   * Takes no new connection, closes idle ones and WebSockets, and lets what is in flight finish, also
   * that whose client has left.
   */
  async stop(timeout: number): Promise<CutOff> {
    this.drain();
    const outcome = await this.#stopListening(timeout);
    this.#access?.close();
    this.#ended.resolve();
    return outcome;
  }

  async #lost({ reason, reopened }: ListenerLoss): Promise<void> {
    if (reopened) {
      log.error("the handler's listener was closed, and is open again: {reason}", { reason });
      return;
    }
    const error = new ListenerLost(reason);
    log.error("{message}; this process ends, to be replaced", { message: error.message });
    this.drain();
    // What is in flight has a chance, but no new request has one until another process listens.
    if (this.#listener !== undefined) await this.#finish(this.#listener, lostGrace);
    this.#access?.close();
    this.#parts.lost(error);
  }

  async #stopListening(timeout: number): Promise<CutOff> {
    const listener = this.#listener;
    if (listener === undefined) return { cut: 0 };
    const began = performance.now();
    await emptyQueue(listener.port, Math.min(timeout / 2, queuePatience));
    const left = Math.max(0, timeout - (performance.now() - began));
    if (await this.#finish(listener, left)) return { cut: 0 };
    const pending = listener.pending();
    listener.abort();
    const { counters } = this.#parts;
    const inFlight = Math.max(this.inFlight, pending ?? 0);
    const cut = inFlight + counters.abandoned;
    // Something has kept the listener open: half a request, or an answer that was being sent.
    return pending === undefined ? { cut, atLeast: true } : { cut };
  }

  /** Closes the listener, and lets what is in flight finish. Resolves with whether it has, in that time. */
  async #finish(listener: HandlerListener, timeout: number): Promise<boolean> {
    const stopped = listener.stop(timeout).then(() => this.#handlerDone());
    listener.closeWebSockets();
    const outcome = await within(timeout, stopped);
    this.#over = true;
    this.#pending.close();
    return outcome !== expired;
  }

  /**
   * Resolves when the handler has settled all that it was given. With all connections closed, that is
   * for clients that have left.
   */
  async #handlerDone(): Promise<void> {
    const { counters } = this.#parts;
    while (this.inFlight + counters.abandoned > 0 && !this.#over) {
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  }
}

/** How often it is looked whether the handler is done, in milliseconds. */
const interval = 10;
