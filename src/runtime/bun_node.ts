/**
 * `node:http` on Bun, whose servers are opened by `Bun.serve` beneath.
 *
 * @module
 */
import type { Server } from "node:http";
import process from "node:process";
import { withCiphers } from "./bun_tls.ts";
import type { AskedAddress, HoldServer, PlannedAddress } from "./held_server.ts";
import { HeldNodeServer, isFixed, putOffListen } from "./node_servers.ts";
import { type NodeListener, nodeListener, type NodeListenOptions } from "./node_listener.ts";

type ServeOptions = Record<string, unknown>;

/** A server of `node:http` was about to listen: comes back to it as its error. */
export class NotYet extends Error {
  constructor(readonly options: ServeOptions) {
    super("the server does not listen yet");
  }
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

/**
 * Holds servers of `node:http` from now on, and the one that is about to listen: which one that is, is
 * known when it is told that it does not, a moment later.
 *
 * @param known called with that one
 */
export function holdNodeServers(
  planned: PlannedAddress,
  hold: HoldServer,
  known: HoldServer,
): void {
  if (real !== undefined) return;
  const { Server } = process.getBuiltinModule("node:http");
  const prototype = Server.prototype;
  real = prototype.listen;
  const listen = (server: Server, args: unknown[], shared: boolean): void =>
    listenNow(server, args, shared ? { reusePort: true } : {});
  putOffListen(prototype, "http.Server", planned, hold, listen);
  const { emit } = prototype;
  prototype.emit = function (this: Server, event: string | symbol, ...args: unknown[]) {
    const [error] = args;
    if (event !== "error" || !(error instanceof NotYet)) {
      return Reflect.apply(emit, this, [event, ...args]) as boolean;
    }
    Reflect.deleteProperty(prototype, "emit");
    const asked = askedIn(error.options);
    const { port, hostname, unix } = error.options;
    const release = (): void =>
      listen(
        this,
        [{ port, host: hostname, ...(unix ? { path: unix } : {}) }],
        isFixed(asked),
      );
    known(new HeldNodeServer("http.Server", asked, this, planned, release));
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
  const { hostname, port, reusePort, tls } = options;
  return nodeListener(server, server, options, () => {
    listenNow(server, [{
      port,
      host: hostname,
      ...(tls === undefined ? {} : { tls: withCiphers(tls) }),
    }], {
      reusePort,
    });
  });
}
