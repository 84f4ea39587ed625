import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { expired, within } from "../within.ts";
import {
  defaultIdleTimeout,
  type ListenAddress,
  type ListenerLoss,
  type TlsListenOptions,
} from "./listener.ts";
import { performance, Promise } from "../natives.ts";

/** How a server of `node:http` listens for Hurricane. */
export interface NodeListenOptions extends ListenAddress {
  /** Where clients are, which is what the application is told of its port; 0: where it listens. */
  publicPort: number;
  /** Listen over TLS, whatever the server itself would speak. */
  tls?: TlsListenOptions;
  /**
   * How long a connection may be idle between requests, in milliseconds. `undefined` leaves the choice
   * to the server's `keepAliveTimeout`, and to {@linkcode defaultIdleTimeout} where that is as it comes.
   */
  idleTimeout?: number;
  /** Called when the server has been closed although nobody asked it to. */
  lost(loss: ListenerLoss): void;
}

/** A server of `node:http` that listens. */
export interface NodeListener {
  readonly hostname: string;
  readonly port: number;
  readonly scheme: "http" | "https";
  /**
   * Takes no new connection, closes the idle ones, and resolves when all are closed.
   *
   * @param busy How many requests and sockets are not done.
   */
  stop(busy: () => number): Promise<void>;
  /** Closes all connections. */
  abort(): void;
  /** How many connections it has accepted, where a runtime may stop to without saying so. */
  accepted?(): number;
  /** Gives back what nobody holds any more, so that whoever waits to be told of that is told. */
  collectGarbage(): void;
}

/** How often it is looked for idle connections while a server stops, in milliseconds. */
const sweepInterval = 25;

/** How long a server may say that it has connections, when none is busy any more, in milliseconds. */
const silence = 1000;

/** The time-outs that `node:http` has by itself: https://nodejs.org/api/http.html#serverkeepalivetimeout */
const nodeDefaults = { keepAlive: 5000, request: 300_000 };

/**
 * Has a server listen, and gives what Hurricane needs of it.
 *
 * @param server the application's
 * @param front the one that listens: another one where that speaks TLS for it
 */
export async function nodeListener(
  server: Server,
  front: Server,
  { port: asked, publicPort, tls, idleTimeout, lost }: NodeListenOptions,
  { listen, collectGarbage }: { listen(): void; collectGarbage(): void },
): Promise<NodeListener> {
  setTimeouts(front, server, idleTimeout);
  const address = front.address.bind(front);
  if (publicPort !== 0 && publicPort !== asked) {
    server.address = () => {
      const at = address();
      return at === null || typeof at === "string" ? at : { ...at, port: publicPort };
    };
  }
  await new Promise<void>((resolve, reject) => {
    front.once("listening", () => {
      front.off("error", reject);
      resolve();
    });
    front.once("error", reject);
    listen();
  });
  const { address: hostname, port } = address() as AddressInfo;
  // The application may get another one, which does not close what Hurricane needs.
  const close = front.close;
  let stopping = false;
  front.once("close", () => {
    if (!stopping) lost({ reason: "the handler closed its server", reopened: false });
  });
  return {
    hostname,
    port,
    scheme: tls !== undefined || speaksTls(server) ? "https" : "http",
    async stop(busy): Promise<void> {
      stopping = true;
      const closed = new Promise<void>((resolve) => close.call(front, () => resolve()));
      let quietSince: number | undefined;
      // A kept connection becomes idle after each answer, which not every runtime looks for then.
      while (await within(sweepInterval, closed) === expired) {
        front.closeIdleConnections();
        if (busy() > 0) quietSince = undefined;
        else if (performance.now() - (quietSince ??= performance.now()) > silence) {
          front.closeAllConnections();
          return;
        }
      }
    },
    abort(): void {
      front.closeAllConnections();
    },
    collectGarbage,
  };
}

function speaksTls(server: Server): boolean {
  return server instanceof process.getBuiltinModule("node:https").Server;
}

function setTimeouts(front: Server, server: Server, idleTimeout: number | undefined): void {
  const own = server.keepAliveTimeout;
  front.keepAliveTimeout = idleTimeout ??
    (own === nodeDefaults.keepAlive ? defaultIdleTimeout : own);
  // A long upload is not to be cut off: what may limit a request is --request-timeout.
  if (front.requestTimeout === nodeDefaults.request) front.requestTimeout = 0;
}
