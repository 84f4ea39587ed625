import type { RequestCounters } from "../metrics/requests.ts";
import { runtime } from "../runtime/mod.ts";
import type { HandlerListener, TlsListenOptions } from "../runtime/runtime.ts";
import { expired, within } from "../within.ts";
import { AccessLog } from "./access_log.ts";
import type { Handler } from "./handler.ts";
import { layered, type ProbeForwarder } from "./layers.ts";
import { ListenError } from "./listen_error.ts";
import type { AppOptions } from "./options.ts";
import type { AppAddress } from "./protocol.ts";
import { PendingRequests } from "./pending_requests.ts";
import { serverFields } from "./server_fields.ts";
import type { CutOff, Source } from "./source.ts";
import type { TlsFiles } from "./tls.ts";

/** What a source of requests is made of. */
export interface HttpSourceParts {
  handler: Handler;
  options: AppOptions;
  counters: RequestCounters;
  /** 0 picks a free one. */
  port: number;
  /** Answers the probe paths, where the probes share the port. */
  forwardProbe: ProbeForwarder | undefined;
}

/** Requests over HTTP, on the runtime's own server. */
export class HttpSource implements Source<Omit<AppAddress, "checks">> {
  readonly #parts: HttpSourceParts;
  readonly #draining = { now: false };
  readonly #access: AccessLog | undefined;
  readonly #pending: PendingRequests;
  /** Is nothing waited for any more? */
  #over = false;
  #listener: HandlerListener | undefined;

  constructor(parts: HttpSourceParts) {
    this.#parts = parts;
    const { accessLog, logFormat, requestTimeout } = parts.options;
    this.#access = accessLog ? new AccessLog(logFormat) : undefined;
    this.#pending = new PendingRequests({
      now: runtime.clock(),
      timeout: requestTimeout,
      clientOf: accessLog ? runtime.remoteAddress : undefined,
    });
  }

  get inFlight(): number {
    return this.#parts.counters.inFlight;
  }

  /** Begins to listen. */
  async start(): Promise<Omit<AppAddress, "checks">> {
    const { handler, options, counters, port, forwardProbe } = this.#parts;
    const { hostname, reusePort, maxBodySize, tls } = options;
    const served = { fetch: handler.fetch, fields: serverFields(handler, options) };
    const { fetch, fields, wrap, onError } = await layered(served, options, {
      counters,
      draining: this.#draining,
      access: this.#access,
      pending: this.#pending,
      forwardProbe,
    });
    const address = { hostname, port, reusePort };
    try {
      this.#listener = await runtime.listenHandler(fetch, {
        ...address,
        maxBodySize,
        ...(tls === undefined ? {} : { tls: await readKeyPair(tls) }),
        fields,
        bodiesInFlight: () => counters.bodiesInFlight,
        wrap,
        onError,
      });
    } catch (error) {
      throw new ListenError("the handler", "--port", address, error);
    }
    const { hostname: picked, port: open, scheme } = this.#listener;
    return { hostname: picked, port: open, scheme };
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
    return outcome;
  }

  async #stopListening(timeout: number): Promise<CutOff> {
    const listener = this.#listener;
    if (listener === undefined) return { cut: 0 };
    const { counters } = this.#parts;
    const stopped = listener.stop(timeout).then(() => this.#handlerDone());
    listener.closeWebSockets();
    const outcome = await within(timeout, stopped);
    this.#over = true;
    this.#pending.close();
    if (outcome !== expired) return { cut: 0 };
    const pending = listener.pending();
    listener.abort();
    const inFlight = Math.max(this.inFlight, pending ?? 0);
    const cut = inFlight + counters.abandoned;
    return pending === undefined ? { cut: Math.max(1, cut), atLeast: true } : { cut };
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

/** Loads what reads certificates, and with it cryptography, only where there are any. */
async function readKeyPair(files: TlsFiles): Promise<TlsListenOptions> {
  const { readTls } = await import("./tls.ts");
  return readTls(files);
}
