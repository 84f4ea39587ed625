import type { IncomingMessage } from "node:http";

/** What is known of a request before it is answered. */
export interface RequestHead {
  method: string;
  /** Path and query, as they are asked for. */
  target: string;
  scheme: "http" | "https";
  /** The address of the connection's other end. */
  peer: string | undefined;
  /** The pattern of its path, where the server has chosen by one. */
  route: string | undefined;
  header(name: string): string | undefined;
}

/**
 * The spans of requests, as those who lead requests to a handler see them. A request is known by its
 * object: a `Request`, or an `IncomingMessage`.
 */
export interface Traces {
  /** A request has come. */
  begin(request: object, head: RequestHead): void;
  /** Calls what works on a request: spans that are made there are children of the request's. */
  within<Arguments extends unknown[], Result>(
    request: object,
    call: (...args: Arguments) => Result,
    ...args: Arguments
  ): Result;
  /** Has what listens to these events called as in {@linkcode within}. */
  bind(request: IncomingMessage, emitter: object): void;
  /** The handler has thrown. */
  thrown(request: object, error: unknown): void;
  /** A request has been answered, or its client has left (499). */
  end(request: object, status: number, route?: string): void;
  /** Sends what is left, for up to `timeout` milliseconds. Never rejects. */
  close(timeout: number): Promise<void>;
}
