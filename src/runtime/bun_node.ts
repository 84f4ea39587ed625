/**
 * `node:http` on Bun, whose servers are opened by `Bun.serve` beneath.
 *
 * @module
 */
import type { Server } from "node:http";
import process from "node:process";
import { api } from "./bun_api.ts";
import type { AskedAddress, HeldServer, HoldServer, PlannedAddress } from "./held_server.ts";
import { HeldNodeServer, isFixed, putOffListen, takeUp } from "./node_servers.ts";
import { frontOf } from "./node_front.ts";
import { withCiphers } from "./bun_tls.ts";
import { type NodeListener, nodeListener, type NodeListenOptions } from "./node_listener.ts";

type ServeOptions = Record<string, unknown>;

/** A server of `node:http` was about to listen: comes back to it as its error. */
export class NotYet extends Error {
  constructor(readonly options: ServeOptions) {
    super("the server does not listen yet");
  }
}

let beforeListening = (): void => {};

/** Has servers of `node:http` held as soon as Hurricane itself has one listen. */
export function holdBeforeListening(hold: () => void): void {
  beforeListening = hold;
}

/** `listen` as it was, once modules get another one. */
let real: Server["listen"] | undefined;

/** What is to be added to the options of the `Bun.serve` that is called while a server listens. */
let adding: ServeOptions | undefined;

/**
 * What a server of `node:http` that listens now needs among the options of `Bun.serve`; `undefined`
 * where it is one that is to be held. Bun 1.4 passes no `reusePort` on by itself.
 */
export function askedOfNode(): ServeOptions | undefined {
  return adding;
}

function listenNow(server: Server, args: unknown[], added: ServeOptions): void {
  adding = added;
  try {
    Reflect.apply(real ?? server.listen, server, args);
  } finally {
    adding = undefined;
  }
}

/** Holds servers of `node:http` from now on. */
export function holdNodeServers(planned: PlannedAddress, hold: HoldServer): void {
  if (real !== undefined) return;
  const { Server } = process.getBuiltinModule("node:http");
  real = Server.prototype.listen;
  putOffListen(Server.prototype, opener, planned, hold, (server, args, shared) => {
    listenNow(server, args, shared ? { reusePort: true } : {});
  });
}

const opener = "http.Server";

/**
 * Finds out which server it is that has just been refused with {@linkcode NotYet}: that comes back to it
 * as its error, in the next turn.
 *
 * @param found called with it, or with `undefined` where it was closed meanwhile
 */
export function findRefused(
  planned: PlannedAddress,
  found: (server: HeldServer | undefined) => void,
): void {
  const { prototype } = process.getBuiltinModule("node:http").Server;
  const { close, emit } = prototype;
  const closed = new WeakSet<Server>();
  prototype.close = function (this: Server, done?: (error?: Error) => void): Server {
    if (this.listening) return close.call(this, done);
    closed.add(this);
    if (done !== undefined) this.once("close", done);
    return this;
  };
  prototype.emit = function (this: Server, event: string | symbol, ...args: unknown[]) {
    const [error] = args;
    if (event !== "error" || !(error instanceof NotYet)) {
      return Reflect.apply(emit, this, [event, ...args]) as boolean;
    }
    Reflect.deleteProperty(prototype, "emit");
    prototype.close = close;
    if (closed.has(this)) {
      found(undefined);
      return this.emit("close");
    }
    const asked = askedIn(error.options);
    const { port, hostname, unix } = error.options;
    const again = [{ port, host: hostname, ...(unix ? { path: unix } : {}) }];
    const release = (shared: boolean): void =>
      listenNow(this, again, shared && isFixed(asked) ? { reusePort: true } : {});
    found(new HeldNodeServer(opener, asked, this, planned, release));
    return true;
  };
}

function askedIn({ port, hostname, unix }: ServeOptions): AskedAddress {
  if (unix) return { notTcp: `the Unix socket ${String(unix)}` };
  return {
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(typeof hostname === "string" ? { hostname } : {}),
  };
}

/** Bun's part of `Runtime.listenNode`. */
export function listenNode(server: Server, options: NodeListenOptions): Promise<NodeListener> {
  // It may be an exported one, the first of its kind, which the module has listen later.
  beforeListening();
  const { hostname, port, reusePort, tls } = options;
  const { Server: Https } = process.getBuiltinModule("node:https");
  // One of its own may ask clients for certificates, and takes another certificate where it listens.
  const front = tls === undefined || server instanceof Https ? server : frontOf(server, tls);
  return nodeListener(server, front, options, {
    listen(): void {
      takeUp(server);
      const where = {
        port,
        host: hostname,
        ...(tls === undefined ? {} : { tls: withCiphers(tls) }),
      };
      listenNow(front, [where], { reusePort });
    },
    collectGarbage: () => void api().gc(true),
  });
}
