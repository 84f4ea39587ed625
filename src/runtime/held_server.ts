/**
 * Servers that a module opens by itself: `Bun.serve`, `Deno.serve`, `node:http` and what is built on
 * them. They are held back until it is known what becomes of them: the one that is adopted listens where
 * Hurricane says, and the others where the module said.
 *
 * @module
 */
import type { Server } from "node:http";
import type { FetchHandler, TlsKeyPair } from "./listener.ts";

/** Where a module asked a server to listen; what it left out is missing. */
export interface AskedAddress {
  port?: number;
  hostname?: string;
  /** Not TCP: the path of a Unix socket, or what else it is. */
  notTcp?: string;
}

/** What answers the requests of a server that takes `Request` and gives `Response`. */
export interface HeldWeb {
  fetch: FetchHandler;
  /** As a default export has them: see `HandlerListenOptions.fields`. */
  fields: Readonly<Record<string, unknown>>;
  /** The server's own answer to what its `fetch` throws, where it is none of the fields. */
  onError?: (error: unknown) => Response | Promise<Response>;
  /** Its own certificate, where it is none of the fields. */
  tls?: TlsKeyPair;
}

/** Where an adopted server listens. */
export interface AdoptedAddress {
  hostname: string;
  port: number;
  scheme: "http" | "https";
}

/** The server that listens in the place of one that was adopted. */
export interface AdoptedListener {
  /** The runtime's own object, where there is one. */
  server?: object;
  /** Settles when it has ended because it was to. */
  ended: Promise<void>;
  /** The module wants other functions to answer. */
  reload(web: HeldWeb): void;
  /** The module wants it to end. */
  close(how: string): void;
}

/** A server that a module has asked for and that does not listen yet. */
export interface HeldServer {
  /** What the module called: `Bun.serve`, `Deno.serve`, `http.Server`, `https.Server`. */
  readonly opener: string;
  readonly asked: AskedAddress;
  /** What answers its requests: a server of `node:http` stays what it is. */
  readonly answers: HeldWeb | { node: Server };
  /** What the module got for it, where that is none of `node:http`. */
  readonly standIn?: object;
  /** What the module got for it now stands for the server that listens in its place. */
  adopted(address: AdoptedAddress, listener: AdoptedListener): void;
  /**
   * It listens where the module asked for. What goes wrong then is the module's, as without Hurricane.
   *
   * @param shared Lets its successor, in another process, have its port as well, where that is fixed.
   */
  release(shared: boolean): void;
  /** Does the module wait for this one to listen, rather than go on? */
  readonly awaited: boolean;
  /** Has the module closed it, before it was known what becomes of it? */
  readonly withdrawn: boolean;
  /** The module is told that it listens, as it does already: it is what the module exports. */
  join(): void;
  /** The module is told that it listens, although nothing does: another one answers for it. */
  pretend(address: AdoptedAddress): void;
}

/** What a module is told of a server that does not listen yet, where it asks. */
export interface PlannedAddress {
  hostname: string;
  /** 0: one that is free. */
  port: number;
}

/** Decides on each server that a module opens. Is called while it does so. */
export type HoldServer = (server: HeldServer) => void;
