import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { logger } from "../../log.ts";
import { type NodeListener, runtime } from "../../runtime/mod.ts";
import { passEndsOn } from "../../runtime/node_servers.ts";
import type { ListenerLoss } from "../../runtime/runtime.ts";
import { lostGrace, queuePatience } from "../../timeline.ts";
import { expired, within } from "../../within.ts";
import { AccessLog } from "../access_log.ts";
import type { NodeHandler } from "../handler.ts";
import type { HttpSourceParts } from "../http_source.ts";
import { ListenerLost } from "../listen_error.ts";
import { cannotListen, emptyQueue, readKeyPair } from "../listening.ts";
import type { AppAddress } from "../protocol.ts";
import type { CutOff, Source } from "../source.ts";
import { watchAccepting } from "./accepting.ts";
import { takeHeads } from "./exchange.ts";
import { filesOf } from "./files.ts";
import { type Handle, isAddressed, NodePath } from "./path.ts";
import { Upgrades } from "./upgrades.ts";
import { performance, Promise, setTimeout } from "../../natives.ts";

const log = logger("handler");

/** Requests over HTTP, on a server of `node:http` that stays what it is. */
export class NodeSource implements Source<Omit<AppAddress, "checks">> {
  readonly #parts: HttpSourceParts<NodeHandler>;
  readonly #draining = { now: false };
  #access: AccessLog | undefined;
  readonly #ended = Promise.withResolvers<void>();
  #listener: NodeListener | undefined;
  #path: NodePath | undefined;
  #upgrades: Upgrades | undefined;
  #endWatching: () => void = () => {};

  constructor(parts: HttpSourceParts<NodeHandler>) {
    this.#parts = parts;
  }

  get inFlight(): number {
    return this.#parts.counters.inFlight;
  }

  /** Begins to listen. */
  async start(): Promise<Omit<AppAddress, "checks">> {
    const { handler, options, counters, traces, port, forwardProbe } = this.#parts;
    const { hostname, publicPort, reusePort, idleTimeout, tls } = options;
    this.#access = await AccessLog.open(options);
    const around = {
      options,
      counters,
      draining: this.#draining,
      access: this.#access,
      traces,
      secure: () => this.#listener?.scheme === "https",
      forwardProbe,
    };
    const path = new NodePath({ ...around, files: await filesOf(options.static) });
    const upgrades = new Upgrades(around);
    this.#path = path;
    this.#upgrades = upgrades;
    takeEvents(handler.node, path, upgrades);
    const address = { hostname, port, reusePort };
    try {
      this.#listener = await runtime.listenNode(handler.node, {
        ...address,
        publicPort,
        ...(tls === undefined ? {} : { tls: await readKeyPair(tls) }),
        idleTimeout,
        lost: (loss) => void this.#lost(loss),
      });
    } catch (error) {
      throw await cannotListen(address, error);
    }
    this.#endWatching = watchAccepting(this.#listener, () => {
      const reason = "Deno accepts no connection any more, as after it had no file descriptor left";
      void this.#lost({ reason, reopened: false });
    });
    const { hostname: picked, port: open, scheme } = this.#listener;
    const listening = { hostname: picked, port: open, scheme };
    const close = (how: string): void => {
      const reason = `the handler ended its server by ${how}`;
      if (!this.#draining.now) void this.#lost({ reason, reopened: false });
    };
    const ended = this.#ended.promise;
    if (handler.held === undefined) passEndsOn(handler.node, ended, close);
    else handler.held.adopted(listening, { ended, reload() {}, close });
    return listening;
  }

  /** From now on each response asks its client to open another connection next time. */
  drain(): void {
    this.#draining.now = true;
  }

  /**
   * Takes no new connection, closes idle ones and WebSockets, and lets what is in flight finish, also
   * that whose client has left.
   */
  async stop(timeout: number): Promise<CutOff> {
    this.drain();
    const outcome = await this.#stopListening(timeout);
    this.#access?.close();
    this.#ended.resolve();
    return outcome;
  }

  async #lost({ reason }: ListenerLoss): Promise<void> {
    const error = new ListenerLost(reason);
    log.error("{message}; this process ends, to be replaced", { message: error.message });
    this.drain();
    if (this.#listener !== undefined) await this.#finish(this.#listener, lostGrace);
    this.#access?.close();
    this.#parts.lost(error);
  }

  async #stopListening(timeout: number): Promise<CutOff> {
    const listener = this.#listener;
    if (listener === undefined) return { cut: 0 };
    const began = performance.now();
    await emptyQueue(listener.port, Math.min(timeout / 2, queuePatience));
    const left = Math.max(0, timeout - (performance.now() - began));
    if (await this.#finish(listener, left)) return { cut: 0 };
    const cut = this.#busy() + this.#parts.counters.abandoned;
    listener.abort();
    this.#upgrades?.abort();
    return { cut: Math.max(1, cut) };
  }

  /** Closes the listener, and lets what is in flight finish. Resolves with whether it has, in that time. */
  async #finish(listener: NodeListener, timeout: number): Promise<boolean> {
    let over = false;
    this.#endWatching();
    const done = listener.stop(() => this.#busy()).then(() => this.#handlerDone(() => over));
    this.#upgrades?.close();
    const outcome = await within(timeout, done);
    over = true;
    this.#path?.close();
    return outcome !== expired;
  }

  /** Resolves when nobody works any more on what has been given up. */
  async #handlerDone(isOver: () => boolean): Promise<void> {
    const { counters } = this.#parts;
    for (let looks = 0; counters.abandoned > 0 && !isOver(); looks++) {
      if (looks % collectEvery === 0) this.#listener?.collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  }

  #busy(): number {
    return (this.#path?.open ?? 0) + (this.#upgrades?.open ?? 0);
  }
}

/** How often it is looked whether the handler is done, in milliseconds. */
const interval = 10;

/** With each so many looks what nobody holds any more is given back first. */
const collectEvery = 100;

/** The answer on a connection that asks for an upgrade, with a `Host` that is none. */
const badRequest = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/**
 * Takes what a server emits for a request first. A framework's listeners, and whatever has wrapped them,
 * are called as they would be without Hurricane.
 */
function takeEvents(server: Server, path: NodePath, upgrades: Upgrades): void {
  takeHeads();
  const { emit } = server;
  const handling = (event: string): Handle => (req, res) =>
    void Reflect.apply(emit, server, [event, req, res]);
  const request = handling("request");
  // What was asked whether to continue is usually emitted again as a request, by the handler.
  const asked = new WeakSet<IncomingMessage>();
  server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    switch (event) {
      case "request":
        if (asked.has(args[0] as IncomingMessage)) break;
        path.take(args[0] as IncomingMessage, args[1] as ServerResponse, true, request);
        return true;
      case "checkContinue":
      case "checkExpectation": {
        const [req, res] = args as [IncomingMessage, ServerResponse];
        asked.add(req);
        path.take(req, res, false, handling(event));
        return true;
      }
      case "upgrade":
      case "connect": {
        const [req, socket] = args as [IncomingMessage, Duplex];
        // Whether anybody listens decides what becomes of the connection.
        if (server.listenerCount(event) > 0) upgrades.take(req, socket);
        if (!isAddressed(req)) {
          socket.end(badRequest);
          return true;
        }
        return upgrades.within(req, () => Reflect.apply(emit, server, [event, ...args]) as boolean);
      }
    }
    return Reflect.apply(emit, server, [event, ...args]) as boolean;
  };
}
