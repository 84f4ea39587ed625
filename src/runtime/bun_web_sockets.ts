/**
 * WebSockets of the package `ws` on Bun, which puts a module of its own in that package's place.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TakenSocket } from "./runtime.ts";

/**
 * Bun's part of `Runtime.whenTaken`. Its `ws` gives the connection to native code, and so neither the answer
 * to the handshake nor anything later is written to `socket`. What it does to that, as the package does
 * (`setSocket` of its lib/websocket.js), is to put itself on it and to set its time-out.
 */
export function whenTaken(socket: Duplex, taken: (by: TakenSocket) => void): void {
  const { setTimeout } = socket as Socket;
  (socket as Socket).setTimeout = (...args) => {
    const webSocket = webSocketOn(socket);
    if (webSocket !== undefined) {
      Reflect.deleteProperty(socket, "setTimeout");
      taken(webSocket);
    }
    return Reflect.apply(setTimeout, socket, args);
  };
}

function webSocketOn(socket: Duplex): TakenSocket | undefined {
  const name = Object.getOwnPropertySymbols(socket)
    .find(({ description }) => description === "websocket");
  const found: unknown = name === undefined ? undefined : Reflect.get(socket, name);
  return isWebSocket(found) ? found : undefined;
}

function isWebSocket(value: unknown): value is TakenSocket {
  return typeof (value as { close?: unknown } | null | undefined)?.close === "function";
}
