import type { Server } from "node:http";
import type { Server as TlsServer } from "node:https";
import process from "node:process";
import type { TlsListenOptions } from "./listener.ts";

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
export function frontOf(server: Server, tls: TlsListenOptions): TlsServer {
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
  Object.defineProperty(server, "listening", { configurable: true, get: () => front.listening });
  return front;
}
