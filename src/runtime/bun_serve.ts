import { api, type BunApi, type BunServer } from "./bun_api.ts";
import type {
  AdoptedAddress,
  AdoptedListener,
  HeldServer,
  HeldWeb,
  HoldServer,
  PlannedAddress,
} from "./held_server.ts";
import {
  askedOfNode,
  findRefused,
  holdBeforeListening,
  holdNodeServers,
  NotYet,
} from "./bun_node.ts";
import type { FetchHandler } from "./runtime.ts";
import { Promise, Response, URL } from "../natives.ts";

type Serve = BunApi["serve"];
type ServeOptions = Parameters<Serve>[0];

/** Bun's own, once modules get another one. */
let original: Serve | undefined;

/** Is it Hurricane that calls `Bun.serve`? */
let own = false;

/** `Bun.serve`, as it is without Hurricane. */
export function serve(options: ServeOptions): BunServer {
  return (original ?? api().serve)(options);
}

/** `Bun.serve` as modules see it, with whatever they have wrapped around it. */
export function serveWrapped(options: ServeOptions): BunServer {
  own = true;
  try {
    return api().serve(options);
  } finally {
    own = false;
  }
}

/**
 * Bun's part of `Runtime.holdServers`. `node:http` opens its servers by `Bun.serve`, too, and is told
 * apart by a field of the options that is its own: so it need not be loaded before somebody uses it,
 * which takes longer than all else that a start does.
 */
export function holdServers(planned: PlannedAddress, hold: HoldServer): void {
  const bun = api();
  const without = bun.serve;
  original = without;
  /** Those that were opened after one that is not known yet: their order is to stay as it is. */
  let later: HeldServer[] | undefined;
  const inOrder: HoldServer = (server) => {
    if (later === undefined) hold(server);
    else later.push(server);
  };
  holdBeforeListening(() => holdNodeServers(planned, inOrder));
  bun.serve = (options) => {
    if (own) return without(options);
    if ("onNodeHTTPRequest" in options) {
      const asked = askedOfNode();
      if (asked !== undefined) return without({ ...options, ...asked });
      later = [];
      holdNodeServers(planned, inOrder);
      findRefused(planned, (first) => {
        const others = later ?? [];
        later = undefined;
        for (const server of first === undefined ? others : [first, ...others]) hold(server);
      });
      throw new NotYet(options);
    }
    const held = new HeldBunServer(options, planned, without);
    inOrder(held);
    return held.standIn;
  };
}

/** A server of `Bun.serve`: https://bun.com/docs/runtime/http/server */
class HeldBunServer implements HeldServer {
  readonly opener = "Bun.serve";
  readonly asked: HeldServer["asked"];
  answers: HeldWeb;
  withdrawn = false;
  readonly awaited = false;
  /** What the module gets. */
  readonly standIn: BunServer;
  #options: ServeOptions;
  readonly #serve: Serve;
  #server: Partial<BunServer>;
  /** What it says of its address where clients are elsewhere; otherwise nothing of it. */
  #told: Partial<BunServer> = {};
  readonly #planned: PlannedAddress;
  #adopted: AdoptedListener | undefined;
  #ended = false;
  #released = false;

  constructor(options: ServeOptions, planned: PlannedAddress, serve: Serve) {
    this.#options = options;
    this.#serve = serve;
    this.#planned = planned;
    const { port, hostname, unix } = options;
    this.asked = {
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(typeof hostname === "string" ? { hostname } : {}),
      ...(unix ? { notTcp: `the Unix socket ${String(unix)}` } : {}),
    };
    this.#server = planFor({ ...planned, scheme: speaksTls(options) ? "https" : "http" });
    this.standIn = new Proxy({} as BunServer, {
      get: (_target, name) => this.#get(name),
      has: (_target, name) => name in this.#server,
      set: (_target, name, value) => Reflect.set(this.#server, name, value),
    });
    this.answers = this.#answersOf(options);
  }

  adopted(at: AdoptedAddress, listener: AdoptedListener): void {
    const { port } = this.#planned;
    if (port !== 0 && port !== at.port) {
      const { url, address } = planFor({ ...at, port });
      this.#told = { port, url, address };
    }
    this.#adopted = listener;
    this.#server = listener.server as BunServer;
    listener.ended.then(() => this.#ended = true);
  }

  release(isShared: boolean): void {
    this.#released = true;
    this.#server = this.#serve(isShared ? shared(this.#options) : this.#options);
  }

  join(): void {}

  pretend(address: AdoptedAddress): void {
    this.#server = planFor(address);
  }

  #get(name: string | symbol): unknown {
    const server = this.#server;
    if (name === "reload") return (options: ServeOptions) => this.#reload(options);
    // Hurricane has stopped it already, which is what the module wants.
    if (name === "stop" && this.#ended) return () => Promise.resolve();
    if (name === "stop" && this.#adopted === undefined && !this.#released) {
      return () => Promise.resolve(void (this.withdrawn = true));
    }
    const value: unknown = Reflect.get(name in this.#told ? this.#told : server, name, server);
    if (name === "url" && value instanceof URL) return reachable(value);
    return typeof value === "function" ? value.bind(server) : value;
  }

  /** Bun's `reload`: what the new options leave out stays as it is. */
  #reload(options: ServeOptions): BunServer {
    if (this.#released) this.#server.reload?.(options);
    else {
      this.#options = { ...this.#options, ...options };
      this.answers = this.#answersOf(this.#options);
      this.#adopted?.reload(this.answers);
    }
    return this.standIn;
  }

  #answersOf({ fetch, port: _1, hostname: _2, reusePort: _3, ...fields }: ServeOptions): HeldWeb {
    return { fetch: fetchOf(fetch, this.standIn), fields };
  }
}

/** The address of all interfaces is none that one can follow: Bun writes `localhost` for its own default. */
function reachable(url: URL): URL {
  const to = new URL(url);
  if (["[::]", "0.0.0.0"].includes(to.hostname)) to.hostname = "localhost";
  return to;
}

/** Frameworks give a `tls` without a certificate, which is none. */
function speaksTls({ tls }: ServeOptions): boolean {
  return Array.isArray(tls) ? tls.length > 0 : Boolean(Object(tls).cert ?? Object(tls).certFile);
}

/** A server whose port is fixed lets its successor, in another process, have it as well. */
function shared(options: ServeOptions): ServeOptions {
  const { port, unix } = options;
  const isFixed = port !== undefined && Number(port) !== 0 && !unix;
  return isFixed ? { reusePort: true, ...options } : options;
}

/** Bun calls `fetch` with the server, and as its method. Without one, what no route takes is not found. */
function fetchOf(fetch: unknown, server: BunServer): FetchHandler {
  if (typeof fetch !== "function") return () => new Response(null, { status: 404 });
  return (request) => fetch.call(server, request, server);
}

/** What stands for a server that does not listen: it says where it is going to. */
function planFor({ hostname, port, scheme }: AdoptedAddress): Partial<BunServer> {
  const nothing = (): void => {};
  return {
    hostname,
    port,
    protocol: scheme,
    url: new URL(`${scheme}://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}/`),
    address: { address: hostname, family: hostname.includes(":") ? "IPv6" : "IPv4", port },
    development: false,
    pendingRequests: 0,
    pendingWebSockets: 0,
    ref: nothing,
    unref: nothing,
    publish: () => 0,
    fetch: () => Promise.reject(new Error("the server does not listen yet")),
    [Symbol.dispose]: nothing,
    [Symbol.asyncDispose]: () => Promise.resolve(),
    subscriberCount: () => 0,
  };
}
