/**
 * `node:http` on Deno.
 *
 * @module
 */
import type { Server, ServerResponse } from "node:http";
import process from "node:process";
import type { HoldServer, PlannedAddress } from "./held_server.ts";
import { frontOf } from "./node_front.ts";
import { type NodeListener, nodeListener, type NodeListenOptions } from "./node_listener.ts";
import { putOffListen, takeUp } from "./node_servers.ts";
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
        // Not inside of a hook, which Deno 2.9 does not survive.
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
export async function listenNode(
  server: Server,
  options: NodeListenOptions,
): Promise<NodeListener> {
  const { hostname, port, reusePort, tls } = options;
  const front = tls === undefined ? server : frontOf(server, tls);
  const { Server: Https } = process.getBuiltinModule("node:https");
  const listen = (front instanceof Https ? real.https : real.http) ?? front.listen;
  let accepted = 0;
  front.on("connection", () => void accepted++);
  const listener = await nodeListener(server, front, options, {
    listen(): void {
      takeUp(server);
      Reflect.apply(listen, front, [{ port, host: hostname, reusePort }]);
    },
    collectGarbage,
  });
  return { ...listener, accepted: () => accepted };
}

/** Deno's part of `Runtime.waitsUntold`. */
export function waitsUntold({ socket }: ServerResponse): boolean {
  return socket === null;
}

/** Deno has no function for it; V8 has one, in a context that is made after it was asked for. */
function collectGarbage(): void {
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  const collect = process.getBuiltinModule("node:vm").runInNewContext("gc") as () => void;
  collect();
}
