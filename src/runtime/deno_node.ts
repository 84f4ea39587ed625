/**
 * `node:http` on Deno.
 *
 * @module
 */
import type { Server } from "node:http";
import type { Server as TlsServer } from "node:https";
import process from "node:process";
import type { HoldServer, PlannedAddress } from "./held_server.ts";
import { type NodeListener, nodeListener, type NodeListenOptions } from "./node_listener.ts";
import { putOffListen } from "./node_servers.ts";
import { setTimeout } from "../natives.ts";

type Listen = Server["listen"];

/** `listen` as it was, once modules get another one. */
const real: { http?: Listen; https?: Listen } = {};

/**
 * Holds servers of `node:http` as soon as somebody imports that: to load it takes half as long as all
 * else of a start.
 */
export function holdNodeServers(planned: PlannedAddress, hold: HoldServer): void {
  const { registerHooks } = process.getBuiltinModule("node:module");
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      if (/^(node:)?https?2?$/.test(specifier) && real.http === undefined) {
        putOff(planned, hold);
        // Deno 2.9 panics where that is done inside of a hook.
        setTimeout(() => hooks.deregister());
      }
      return nextResolve(specifier, context);
    },
  });
}

function putOff(planned: PlannedAddress, hold: HoldServer): void {
  if (real.http !== undefined) return;
  const http = process.getBuiltinModule("node:http").Server.prototype;
  const https = process.getBuiltinModule("node:https").Server.prototype;
  real.http = http.listen;
  real.https = https.listen;
  const kinds = [["http.Server", http], ["https.Server", https]] as const;
  for (const [opener, prototype] of kinds) {
    const { listen } = prototype;
    putOffListen(prototype, opener, planned, hold, (server, args, shared) => {
      Reflect.apply(listen, server, shared ? sharing(args) : args);
    });
  }
}

/** The arguments of `listen`, with `reusePort` among them. */
function sharing(args: unknown[]): unknown[] {
  const [first, second] = args;
  if (typeof first === "object") return [{ reusePort: true, ...first }];
  const host = typeof second === "string" ? { host: second } : {};
  const backlog = args.slice(1).find((value) => typeof value === "number");
  return [{ port: first, ...host, ...(backlog === undefined ? {} : { backlog }), reusePort: true }];
}

/** Deno's part of `Runtime.listenNode`. */
export function listenNode(server: Server, options: NodeListenOptions): Promise<NodeListener> {
  const { hostname, port, reusePort, tls } = options;
  const front = tls === undefined ? server : frontOf(server, tls);
  const { Server: Https } = process.getBuiltinModule("node:https");
  const listen = (front instanceof Https ? real.https : real.http) ?? front.listen;
  return nodeListener(server, front, options, () => {
    Reflect.apply(listen, front, [{ port, host: hostname, reusePort }]);
  });
}

/** What is emitted for a request, and for what else comes on a connection. */
const passedOn = [
  "request",
  "checkContinue",
  "checkExpectation",
  "upgrade",
  "connect",
  "clientError",
];

/** A server that speaks TLS, and hands on to the application's what comes. */
function frontOf(server: Server, tls: NonNullable<NodeListenOptions["tls"]>): TlsServer {
  const front = process.getBuiltinModule("node:https").createServer(tls);
  const passOn = (event: string | symbol): void => {
    if (typeof event !== "string" || !events.delete(event)) return;
    front.on(event, (...args: unknown[]) => void server.emit(event, ...args));
  };
  // Whether anybody listens decides what the front itself does.
  const events = new Set(passedOn);
  for (const event of passedOn) {
    if (event === "request" || server.listenerCount(event) > 0) passOn(event);
  }
  server.on("newListener", passOn);
  front.once("listening", () => server.emit("listening"));
  front.once("close", () => server.emit("close"));
  server.address = () => front.address();
  return front;
}
