/**
 * Servers that listen: what Hurricane asks of a runtime's, and what it gets.
 *
 * @module
 */

/** A fetch handler as both runtimes call it. `undefined` is Bun's answer to an upgraded request. */
export type FetchHandler = (
  request: Request,
  info: unknown,
) => Response | undefined | Promise<Response | undefined>;

/** Where to listen. */
export interface ListenAddress {
  hostname: string;
  /** 0 picks a free one. */
  port: number;
  /** Share the port with other listeners of the same user (`SO_REUSEPORT`). */
  reusePort: boolean;
}

/** Where and how to listen. */
export interface ListenOptions extends ListenAddress {
  /**
   * How long a connection may be without an answer, in seconds: idle, or with a request that does not come
   * to its end.
   */
  idleTimeout?: number;
  /** How many connections there may be. Of more, those without an answer for longest are closed. */
  maxConnections?: number;
}

/** A certificate, with the chain that follows it, and its key, in PEM (RFC 7468). */
export interface TlsKeyPair {
  cert: string;
  key: string;
}

/** How to speak TLS. */
export interface TlsListenOptions extends TlsKeyPair {
  /** Clients must have a certificate of one of these authorities: mTLS, where the runtime has it. */
  ca?: string;
  requestCert?: true;
  rejectUnauthorized?: true;
}

/** A listener for the handler: the runtime's own server options come along. */
export interface HandlerListenOptions extends ListenAddress {
  /** The default export's fields besides `fetch`, as the handler's author wrote them. */
  fields: Readonly<Record<string, unknown>>;
  /**
   * Largest request body in bytes; more gets 413. `undefined` leaves the choice to the handler's
   * `maxRequestBodySize`, and to 100 MiB where there is none.
   */
  maxBodySize?: number;
  /**
   * How long a connection may be idle between requests, in milliseconds, where it can be closed: see
   * `Runtime.closesIdle`. `undefined` leaves the choice to the handler's `idleTimeout`, and to
   * {@linkcode defaultIdleTimeout} where there is none.
   */
  idleTimeout?: number;
  /**
   * Listen over TLS; of the handler's `tls`, where the runtime knows that field, the rest holds. Without
   * it, as the handler's `tls` says.
   */
  tls?: TlsListenOptions;
  /** How many requests that may have a body have yet to be answered: what Deno must wait for to stop. */
  bodiesInFlight(): number;
  /**
   * Open it past whatever has wrapped the runtime's `serve`, as reporters do: the call of a module whose
   * server is adopted has been through that. Default: no.
   */
  direct?: boolean;
  /** Set while draining. */
  draining: { readonly now: boolean };
  /** Puts the counting, the error answer and the access log around one of the handler's functions, and of its routes. */
  wrap(handler: FetchHandler, route?: string): FetchHandler;
  /** Answers for what a handler has thrown, and for what the runtime could not send. */
  onError(error: unknown): Response;
  /** Called when the listener has gone although nobody asked it to stop. */
  lost(loss: ListenerLoss): void;
}

/** A listener has gone although nobody asked it to stop. */
export interface ListenerLoss {
  /** Who closed it, and why, as the end of a sentence: "Deno closed it: …". */
  reason: string;
  /** Has it been opened again, on the same port? If not, it never will be. */
  reopened: boolean;
}

/** A server that listens. */
export interface Listener {
  readonly hostname: string;
  /** The port that was picked, where 0 was asked for. */
  readonly port: number;
  /**
   * Takes no new connection, closes the idle ones, and resolves when the last response has been
   * sent, its body included.
   */
  stop(): Promise<void>;
  /** Closes the connections that `stop` still waits for, where the runtime can. */
  abort(): void;
}

/** The listener of the handler. */
export interface HandlerListener extends Listener {
  /**
   * As {@linkcode Listener.stop}.
   *
   * @param timeout How long it will be waited for, in milliseconds; by default without an end.
   */
  stop(timeout?: number): Promise<void>;
  /** Tells each open WebSocket that the server goes away (close code 1001, RFC 6455 §7.4.1). */
  closeWebSockets(): void;
  /** What its URL begins with. */
  readonly scheme: "http" | "https";
  /** Requests whose response has not been sent to its end, where the runtime tells. */
  pending(): number | undefined;
  /** The runtime's own object, where a handler can have it. */
  readonly server?: object;
  /** Other functions answer from now on, where the runtime has that: Bun's `server.reload()`. */
  reload?(
    fetch: FetchHandler,
    served: Pick<HandlerListenOptions, "fields" | "wrap" | "onError">,
  ): void;
}

/**
 * How long a connection may be idle between requests where neither the options nor the handler say
 * otherwise, in milliseconds: longer than load balancers keep theirs, which is mostly 60 s.
 */
export const defaultIdleTimeout = 75_000;

/** Largest request body where neither the options nor the handler say otherwise. */
export const defaultMaxBodySize = 100 * 1024 * 1024;
