/**
 * Servers of `node:http` that a module opens: its `listen` is put off. A server stays what it is, with
 * all that a framework has put on it.
 *
 * @module
 */
import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import type {
  AdoptedAddress,
  AdoptedListener,
  AskedAddress,
  HeldServer,
  HoldServer,
  PlannedAddress,
} from "./held_server.ts";
import { queueMicrotask } from "../natives.ts";

type Listen = Server["listen"];
type Arguments = unknown[];

/** Where a server stands that does not listen. */
const put = new WeakMap<Server, HeldNodeServer>();

/** A server of `node:http` or `node:https` that does not listen yet. */
export class HeldNodeServer implements HeldServer {
  readonly answers: { node: Server };
  withdrawn = false;
  readonly #server: Server;
  readonly awaited = false;
  readonly #release: (shared: boolean) => void;
  #address: AdoptedAddress;
  #close: Server["close"] | undefined;

  /** @param release has it listen as it was asked to */
  constructor(
    readonly opener: string,
    readonly asked: AskedAddress,
    server: Server,
    planned: PlannedAddress,
    release: (shared: boolean) => void,
  ) {
    this.answers = { node: server };
    this.#server = server;
    this.#release = release;
    this.#address = { ...planned, scheme: "http" };
    put.set(server, this);
    this.#whenClosed(() => this.withdrawn = true);
  }

  adopted(_address: AdoptedAddress, { ended, close }: AdoptedListener): void {
    passEndsOn(this.#server, ended, close);
  }

  release(shared: boolean): void {
    this.goes();
    this.#release(shared);
  }

  join(): void {
    this.goes();
    // One that is about to listen tells by itself, and not before: Hurricane waits for that, too.
    if (!this.#server.listening) return;
    queueMicrotask(() => this.#server.emit("listening"));
  }

  pretend(address: AdoptedAddress): void {
    this.#address = address;
    queueMicrotask(() => this.#server.emit("listening"));
  }

  /** From now on it is an ordinary server again. */
  goes(): void {
    put.delete(this.#server);
    // A library may have put its own in the place of this one.
    if (this.#server.close === this.#close) Reflect.deleteProperty(this.#server, "close");
  }

  /** There is nothing to close, which is no error to the module. */
  #whenClosed(closed: () => void): void {
    const server = this.#server;
    const close = this.#close = (done?: () => void): Server => {
      this.goes();
      closed();
      if (done !== undefined) server.once("close", done);
      queueMicrotask(() => server.emit("close"));
      return server;
    };
    Object.defineProperty(server, "close", { configurable: true, value: close });
  }

  /** What it says of its address, as if it listened. */
  get address(): AddressInfo {
    const { hostname, port } = this.#address;
    return { address: hostname, family: hostname.includes(":") ? "IPv6" : "IPv4", port };
  }
}

/**
 * A `close` of the module's: after Hurricane has closed the server it has what it wants, and before that
 * it ends more than the server.
 */
export function passEndsOn(
  server: Server,
  ended: Promise<void>,
  close: (how: string) => void,
): void {
  let over = false;
  ended.then(() => over = true);
  server.close = (done) => {
    if (!over) close("close()");
    if (done !== undefined) ended.then(() => done());
    return server;
  };
}

/** From now on a server tells of itself: it is about to listen, and calls back when it does. */
export function takeUp(server: Server): void {
  put.get(server)?.goes();
}

/** Makes the `listen` of servers of this kind one that is put off. */
export function putOffListen(
  prototype: Server,
  opener: string,
  planned: PlannedAddress,
  hold: HoldServer,
  listen: (server: Server, args: Arguments, shared: boolean) => void,
): void {
  const { address } = prototype;
  const put_off = function (this: Server, ...args: Arguments): Server {
    const done = args.at(-1);
    if (typeof done === "function") this.once("listening", done as () => void);
    const asked = askedBy(args);
    const release = (shared: boolean): void =>
      listen(this, withoutCallback(args), shared && isFixed(asked));
    hold(new HeldNodeServer(opener, asked, this, planned, release));
    return this;
  };
  prototype.listen = put_off as Listen;
  const listening = inheritedGetter(prototype, "listening");
  prototype.address = function () {
    return listening.call(this) ? address.call(this) : put.get(this)?.address ?? null;
  };
  Object.defineProperty(prototype, "listening", {
    configurable: true,
    get(this: Server): boolean {
      return put.has(this) || Boolean(listening.call(this));
    },
  });
}

function inheritedGetter(from: object, name: string): (this: unknown) => unknown {
  for (let one: object | null = from; one !== null; one = Object.getPrototypeOf(one)) {
    const found = Object.getOwnPropertyDescriptor(one, name)?.get;
    if (found !== undefined) return found;
  }
  throw new Error(`node:http has no servers that tell whether they are ${name}`);
}

/** Its port is one that its successor, in another process, wants as well. */
export function isFixed({ port, notTcp }: AskedAddress): boolean {
  return notTcp === undefined && port !== undefined && port !== 0;
}

function withoutCallback(args: Arguments): Arguments {
  return typeof args.at(-1) === "function" ? args.slice(0, -1) : args;
}

/** https://nodejs.org/api/net.html#serverlisten */
export function askedBy(args: Arguments): AskedAddress {
  const [first, second] = args;
  if (typeof first === "object" && first !== null) {
    const { port, host, path, fd } = first as Record<string, unknown>;
    if (path) return { notTcp: `the Unix socket ${String(path)}` };
    if (port === undefined && fd !== undefined) return { notTcp: `the descriptor ${String(fd)}` };
    return { ...portOf(port), ...(typeof host === "string" ? { hostname: host } : {}) };
  }
  if (typeof first === "string" && !(Number(first) >= 0)) {
    return { notTcp: `the Unix socket ${first}` };
  }
  return { ...portOf(first), ...(typeof second === "string" ? { hostname: second } : {}) };
}

function portOf(value: unknown): { port?: number } {
  const port = typeof value === "function" || value === null ? NaN : Number(value);
  return Number.isInteger(port) ? { port } : {};
}
