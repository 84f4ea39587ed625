import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { logger } from "../../log.ts";
import { type NodeListener, runtime } from "../../runtime/mod.ts";
import type { ListenerLoss } from "../../runtime/runtime.ts";
import { lostGrace, queuePatience } from "../../timeline.ts";
import { expired, within } from "../../within.ts";
import { AccessLog } from "../access_log.ts";
import type { NodeHandler } from "../handler.ts";
import { emptyQueue, type HttpSourceParts, readKeyPair } from "../http_source.ts";
import { ListenerLost, ListenError } from "../listen_error.ts";
import type { AppAddress } from "../protocol.ts";
import type { CutOff, Source } from "../source.ts";
import { type Files, isAddressed, NodePath } from "./path.ts";
import { Upgrades } from "./upgrades.ts";
import { performance, Promise, Response, setTimeout } from "../../natives.ts";

const log = logger("handler");

/** Requests over HTTP, on a server of `node:http` that stays what it is. */
export class NodeSource implements Source<Omit<AppAddress, "checks">> {
  readonly #parts: HttpSourceParts<NodeHandler>;
  readonly #draining = { now: false };
  readonly #access: AccessLog | undefined;
  readonly #ended = Promise.withResolvers<void>();
  #listener: NodeListener | undefined;
  #path: NodePath | undefined;
  #upgrades: Upgrades | undefined;

  constructor(parts: HttpSourceParts<NodeHandler>) {
    this.#parts = parts;
    const { accessLog, logFormat } = parts.options;
    this.#access = accessLog ? new AccessLog(logFormat) : undefined;
  }

  get inFlight(): number {
    return this.#parts.counters.inFlight;
  }

  /** Begins to listen. */
  async start(): Promise<Omit<AppAddress, "checks">> {
    const { handler, options, counters, port, forwardProbe } = this.#parts;
    const { hostname, reusePort, idleTimeout, tls } = options;
    const around = {
      options,
      counters,
      draining: this.#draining,
      access: this.#access,
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
        ...(tls === undefined ? {} : { tls: await readKeyPair(tls) }),
        idleTimeout,
        lost: (loss) => void this.#lost(loss),
      });
    } catch (error) {
      throw new ListenError("the handler", "--port", address, error);
    }
    const { hostname: picked, port: open, scheme } = this.#listener;
    const listening = { hostname: picked, port: open, scheme };
    handler.held?.adopted(listening, {
      ended: this.#ended.promise,
      reload() {},
      close: (how) => {
        const reason = `the handler ended its server by ${how}`;
        if (!this.#draining.now) void this.#lost({ reason, reopened: false });
      },
    });
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
    const done = listener.stop(() => this.#busy()).then(async () => {
      while (this.#parts.counters.abandoned > 0 && !over) {
        await new Promise((resolve) => setTimeout(resolve, interval));
      }
    });
    this.#upgrades?.close();
    const outcome = await within(timeout, done);
    over = true;
    this.#path?.close();
    return outcome !== expired;
  }

  #busy(): number {
    return (this.#path?.open ?? 0) + (this.#upgrades?.open ?? 0);
  }
}

/** How often it is looked whether the handler is done, in milliseconds. */
const interval = 10;

/** The answer on a connection that asks for an upgrade, with a `Host` that is none. */
const badRequest = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/** What of a server's events is a request. */
const requests: ReadonlySet<string | symbol> = new Set([
  "request",
  "checkContinue",
  "checkExpectation",
]);

/**
 * Takes what a server emits for a request first. A framework's listeners, and whatever has wrapped them,
 * are called as they would be without Hurricane.
 */
function takeEvents(server: Server, path: NodePath, upgrades: Upgrades): void {
  const { emit } = server;
  server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const goOn = (): boolean => Reflect.apply(emit, server, [event, ...args]) as boolean;
    if (requests.has(event)) {
      const [req, res] = args as [IncomingMessage, ServerResponse];
      path.take(req, res, goOn);
      return true;
    }
    if (event === "upgrade" || event === "connect") {
      const [req, socket] = args as [IncomingMessage, Duplex];
      // Whether anybody listens decides what becomes of the connection.
      if (server.listenerCount(event) > 0) upgrades.take(req, socket);
      if (!isAddressed(req)) {
        socket.end(badRequest);
        return true;
      }
    }
    return goOn();
  };
}

async function filesOf(directories: readonly string[]): Promise<Files | undefined> {
  if (directories.length === 0) return undefined;
  const { staticFiles } = await import("../static/files.ts");
  const none = new Response(null, { status: 404 });
  const files = staticFiles(directories)(() => none);
  return async (request) => {
    const answer = await files(request, undefined);
    return answer === none ? undefined : answer;
  };
}
