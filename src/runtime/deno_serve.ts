import { holdNodeServers } from "./deno_node.ts";
import type {
  AdoptedAddress,
  AdoptedListener,
  AskedAddress,
  HeldServer,
  HeldWeb,
  HoldServer,
  PlannedAddress,
} from "./held_server.ts";
import type { FetchHandler } from "./runtime.ts";
import { Promise } from "../natives.ts";

type Serve = (options: ServeOptions, handler: Deno.ServeHandler<Deno.NetAddr>) => DenoServer;
type DenoServer = Deno.HttpServer<Deno.NetAddr>;

/** The options of all forms of `Deno.serve` together. */
type ServeOptions =
  & Deno.ServeTcpOptions
  & Partial<Deno.TlsCertifiedKeyPem>
  & { path?: string; cid?: number };

type Given = ServeOptions & { handler?: Deno.ServeHandler<Deno.NetAddr> };

/** Deno's own, once modules get another one. */
let original: Serve | undefined;

/** Is it Hurricane that calls `Deno.serve`? */
let own = false;

/** `Deno.serve` as modules see it, with whatever they have wrapped around it. */
export function serveWrapped(
  options: ServeOptions,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): DenoServer {
  own = true;
  try {
    return (Deno.serve as Serve)(options, handler);
  } finally {
    own = false;
  }
}

/** `Deno.serve`, as it is without Hurricane. */
export function serve(
  options: ServeOptions,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): DenoServer {
  return (original ?? Deno.serve)(options, handler);
}

/** Deno's part of `Runtime.holdServers`. */
export function holdServers(planned: PlannedAddress, hold: HoldServer): void {
  original = Deno.serve;
  const held = (
    first: Given | Deno.ServeHandler<Deno.NetAddr>,
    second?: Deno.ServeHandler<Deno.NetAddr>,
  ): DenoServer => {
    const options: Given = typeof first === "function" ? {} : first;
    const handler = typeof first === "function" ? first : second ?? first.handler;
    if (typeof handler !== "function") {
      // Deno says what is wrong.
      return serve(options, handler as unknown as Deno.ServeHandler<Deno.NetAddr>);
    }
    if (own) return serve(options, handler);
    const server = new HeldDenoServer(options, handler, planned);
    hold(server);
    return server.standIn;
  };
  Object.assign(Deno, { serve: held });
  holdNodeServers(planned, hold);
}

/** A server of `Deno.serve`: https://docs.deno.com/api/deno/~/Deno.serve */
class HeldDenoServer implements HeldServer {
  readonly opener = "Deno.serve";
  readonly asked: AskedAddress;
  readonly answers: HeldWeb;
  withdrawn = false;
  awaited = false;
  /** What the module gets. */
  readonly standIn: DenoServer;
  readonly #options: Given;
  readonly #handler: Deno.ServeHandler<Deno.NetAddr>;
  readonly #finished = Promise.withResolvers<void>();
  #addr: Deno.NetAddr;
  #adopted: AdoptedListener | undefined;
  #released: DenoServer | undefined;
  #referenced = true;

  constructor(
    options: Given,
    handler: Deno.ServeHandler<Deno.NetAddr>,
    planned: PlannedAddress,
  ) {
    this.#options = options;
    this.#handler = handler;
    this.#addr = { transport: "tcp", ...planned };
    this.asked = askedBy(options);
    const { cert, key, onListen, onError } = options;
    this.answers = {
      fetch: handler as FetchHandler,
      fields: onListen === undefined
        ? {}
        : { onListen: (at: Deno.NetAddr) => onListen({ ...at, port: planned.port || at.port }) },
      ...(onError === undefined ? {} : { onError }),
      ...(cert === undefined || key === undefined ? {} : { tls: { cert, key } }),
    };
    // Many a module awaits that at its end.
    const finished = (): Promise<void> => {
      this.awaited = true;
      return this.#finished.promise;
    };
    const addr = (): Deno.NetAddr => this.#released?.addr ?? this.#addr;
    this.standIn = {
      get addr(): Deno.NetAddr {
        return addr();
      },
      get finished(): Promise<void> {
        return finished();
      },
      shutdown: () => this.#end("shutdown()"),
      ref: () => this.#reference(true),
      unref: () => this.#reference(false),
      [Symbol.asyncDispose]: () => this.#end("shutdown()"),
    };
    const { signal } = options;
    signal?.addEventListener("abort", () => void this.#end("the abort of its signal"));
    if (signal?.aborted) this.withdrawn = true;
  }

  adopted({ hostname, port }: AdoptedAddress, listener: AdoptedListener): void {
    this.#addr = { transport: "tcp", hostname, port: this.#addr.port || port };
    this.#adopted = listener;
    this.#finished.resolve(listener.ended);
  }

  release(isShared: boolean): void {
    const { handler: _given, signal: _inStandIn, ...options } = this.#options;
    const { port, notTcp } = this.asked;
    // Its successor, in another process, wants the port as well.
    const shared = isShared && port !== 0 && notTcp === undefined ? { reusePort: true } : {};
    const server = serve({ ...shared, ...options }, this.#handler);
    if (!this.#referenced) server.unref();
    this.#released = server;
    this.#finished.resolve(server.finished);
  }

  join(): void {}

  pretend({ hostname, port }: AdoptedAddress): void {
    this.#addr = { transport: "tcp", hostname, port };
    this.#options.onListen?.(this.#addr);
  }

  async #end(how: string): Promise<void> {
    if (this.#released !== undefined) await this.#released.shutdown();
    else if (this.#adopted !== undefined) {
      this.#adopted.close(how);
      await this.#adopted.ended;
    } else {
      this.withdrawn = true;
      this.#finished.resolve();
    }
  }

  #reference(on: boolean): void {
    this.#referenced = on;
    if (on) this.#released?.ref();
    else this.#released?.unref();
  }
}

function askedBy({ port, hostname, path, cid }: Given): AskedAddress {
  if (path !== undefined) return { notTcp: `the Unix socket ${path}` };
  if (cid !== undefined) return { notTcp: `vsock ${cid}` };
  // Deno's default: https://docs.deno.com/api/deno/~/Deno.ServeTcpOptions
  return { port: port ?? 8000, ...(hostname === undefined ? {} : { hostname }) };
}
