import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { RequestCounters } from "../../metrics/requests.ts";
import { runtime } from "../../runtime/mod.ts";
import type { AccessLog } from "../access_log.ts";
import { clientClosedRequest } from "../answers.ts";
import type { AppOptions } from "../options.ts";
import { callerOf } from "./path.ts";
import type { Traces } from "../otel/traces.ts";
import { requestHead } from "./request_head.ts";
import { queueMicrotask, TextDecoder } from "../../natives.ts";

/** What the counting of upgrades works with. */
export interface UpgradeParts {
  options: AppOptions;
  counters: RequestCounters;
  access: AccessLog | undefined;
  traces: Traces | undefined;
  /** Does the server speak TLS? */
  secure(): boolean;
}

/** The code that a WebSocket is closed with when its server goes away: RFC 6455 §7.4.1. */
const goingAway = 1001;

/** A WebSocket's close frame with that code: RFC 6455 §5.5.1. */
const closeFrame = Uint8Array.of(0x88, 2, goingAway >> 8, goingAway & 0xff);

/**
 * Connections that a handler on `node:http` takes over: WebSockets, mostly. What it writes first is the
 * answer to the request, and what comes after it is none of HTTP any more.
 */
export class Upgrades {
  readonly #parts: UpgradeParts;
  readonly #now = runtime.clock();
  /** All that are open, and how those are closed that are WebSockets. */
  readonly #sockets = new Map<Duplex, (() => void) | undefined>();
  #closing = false;

  constructor(parts: UpgradeParts) {
    this.#parts = parts;
  }

  get open(): number {
    return this.#sockets.size;
  }

  /** Counts a request, and what becomes of it, without taking anything from the handler. */
  take(req: IncomingMessage, socket: Duplex): void {
    const { counters, access, traces, secure } = this.#parts;
    traces?.begin(req, requestHead(req, secure()));
    const client = access === undefined ? undefined : callerOf(access, req);
    const started = this.#now();
    const isWebSocket = /^websocket$/i.test(req.headers.upgrade ?? "");
    counters.inFlight++;
    this.#sockets.set(socket, undefined);
    let over = false;
    const answered = (status: number, close = () => sendClose(socket)): void => {
      if (over) return;
      over = true;
      traces?.end(req, status);
      this.#answered(req, client, started, status);
      if (status !== 101 || !isWebSocket) return;
      this.#sockets.set(socket, close);
      if (this.#closing) queueMicrotask(close);
    };
    runtime.whenTaken?.(socket, (by) => answered(101, () => by.close(goingAway)));
    const { write } = socket;
    // Also what end() is given passes here on neither runtime: so that is looked at as well.
    socket.write = ((...args: [unknown]) => {
      Reflect.deleteProperty(socket, "write");
      const result = Reflect.apply(write, socket, args) as boolean;
      answered(statusIn(args[0]));
      return result;
    }) as Duplex["write"];
    const { end } = socket;
    socket.end = ((...args: [unknown]) => {
      Reflect.deleteProperty(socket, "end");
      if (typeof args[0] !== "function" && args[0] !== undefined) answered(statusIn(args[0]));
      return Reflect.apply(end, socket, args) as Duplex;
    }) as Duplex["end"];
    socket.once("close", () => {
      this.#sockets.delete(socket);
      answered(clientClosedRequest);
    });
  }

  /** Calls what takes one over within the span of its request, where there is one. */
  within(req: IncomingMessage, call: () => boolean): boolean {
    const { traces } = this.#parts;
    return traces === undefined ? call() : traces.within(req, call);
  }

  /** Tells each WebSocket that the server goes away; the handler's own library closes it then. */
  close(): void {
    this.#closing = true;
    for (const close of this.#sockets.values()) close?.();
  }

  /** Closes all that are left. */
  abort(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  #answered(
    { method = "GET", url = "" }: IncomingMessage,
    client: string | undefined,
    started: number,
    status: number,
  ): void {
    const { counters, options, access } = this.#parts;
    counters.inFlight--;
    counters.answered++;
    const seconds = (this.#now() - started) / 1000;
    if (options.metrics) counters.record(method, status, seconds);
    access?.write(method, url, status, seconds, client);
  }
}

function sendClose(socket: Duplex): void {
  if (socket.writable) socket.write(closeFrame);
}

/** The status in the first line of an answer (RFC 9112 §4); 0 where it is none. */
function statusIn(chunk: unknown): number {
  const head = typeof chunk === "string" ? chunk.slice(0, 12) : headOf(chunk);
  return Number(/^HTTP\/1\.\d (\d{3})$/.exec(head)?.[1] ?? 0);
}

function headOf(chunk: unknown): string {
  return chunk instanceof Uint8Array ? new TextDecoder().decode(chunk.subarray(0, 12)) : "";
}
