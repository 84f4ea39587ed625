/**
 * The connections that a process has accepted, as the kernel sees them, and an end to those that nothing
 * comes of. Linux alone.
 *
 * @module
 */
import { readdirSync, statSync } from "node:fs";
import { clearTimeout, performance, setTimeout } from "../natives.ts";
import type { Listener, ListenOptions } from "./listener.ts";

/** What is called of the C library: each gives 0 where it succeeds. */
export interface SocketCalls {
  getsockname(socket: number, address: Uint8Array, size: Uint8Array): number;
  getpeername(socket: number, address: Uint8Array, size: Uint8Array): number;
  getsockopt(
    socket: number,
    level: number,
    option: number,
    value: Uint8Array,
    size: Uint8Array,
  ): number;
  shutdown(socket: number, how: number): number;
}

/** An accepted connection. */
interface Connection {
  descriptor: number;
  /** Its client's port. */
  peer: number;
  /** For how long nothing has been sent on it, in milliseconds; since it was accepted, if ever. */
  unanswered: number;
  /** For how long nothing has come on it, in milliseconds. */
  silent: number;
}

/** Of `getsockopt`, on Linux: linux/in.h, linux/tcp.h */
const [IPPROTO_TCP, TCP_INFO] = [6, 11];

/** Of `TCP_INFO`: a connection that is open, and what accepts some. */
const [ESTABLISHED, LISTEN] = [1, 10];

/** Of `shutdown`: both directions. */
const SHUT_RDWR = 2;

/** Which connections may stay. */
export interface ConnectionLimits {
  /** How long one may be without an answer, in milliseconds. */
  unanswered: number;
  /** How many there may be: of more, those that have been without an answer for longest go. */
  most?: number;
  /** The client's ports of connections on which something is in progress: these always stay. */
  busy?(): ReadonlySet<number>;
}

/** How often it is looked, in milliseconds. */
const interval = 500;

/** Of so many looks one is made even if there is nothing new: one descriptor may be in another's place. */
const mostLeftOut = 10;

/** How many descriptors are looked at without a pause, where only time counts, and how long that is. */
const [slice, pause] = [256, 25];

/** A look that comes later than this is put off, in milliseconds: less than what may just have come. */
const late = 200;

/** What may come in the moment in which a connection would be closed is waited for, in milliseconds. */
const justCame = 1000;

/** How much longer than a silent one a connection may stay on which something comes, in milliseconds. */
const trickle = 10_000;

/**
 * Closes connections on a port of this process where nothing has been answered for too long: idle ones,
 * those on which no request ever comes, and those on which it comes byte by byte.
 *
 * @param socketCalls gives none where they cannot be made; nothing is closed then
 * @returns what ends that
 */
export function limitConnections(
  port: number,
  socketCalls: () => SocketCalls | undefined,
  { unanswered, most, busy = () => new Set() }: ConnectionLimits,
): () => void {
  const isOver = (connection: Connection): boolean => {
    const longer = connection.unanswered - unanswered;
    return longer > trickle || (longer > 0 && connection.silent > justCame);
  };
  let timer: ReturnType<typeof setTimeout>;
  const again = (milliseconds: number, action: () => void): void => {
    const due = performance.now() + milliseconds;
    const look = (): void => {
      // Where the event loop stood still, requests may have come that nobody has read: they go first.
      if (performance.now() - due > late) again(interval, action);
      else action();
    };
    timer = setTimeout(look, milliseconds);
    timer.unref();
  };
  const unchanged = new Unchanged();
  const begin = (table: ConnectionTable): void => {
    if (unchanged.lasts()) again(interval, () => begin(table));
    else if (most === undefined) lookOn(table, descriptors());
    else lookAtAll(table);
  };
  const end = (table: ConnectionTable): void => {
    unchanged.since(table.takeSeen());
    again(interval, () => begin(table));
  };
  const lookAtAll = (table: ConnectionTable): void => {
    const found = table.on(port, descriptors());
    const staying = found.filter((one) => !isOver(one));
    const tooMany = most === undefined ? 0 : staying.length - most;
    const longest = tooMany <= 0
      ? []
      : staying.toSorted((a, b) => b.unanswered - a.unanswered).slice(0, tooMany);
    for (const one of [...found.filter(isOver), ...longest]) table.close(one);
    end(table);
  };
  // With thousands of connections nobody must wait for that.
  const lookOn = (table: ConnectionTable, left: number[]): void => {
    const over = table.on(port, left.splice(0, slice)).filter(isOver);
    if (over.length > 0) {
      const ports = busy();
      for (const one of over) if (!ports.has(one.peer)) table.close(one);
    }
    if (left.length > 0) again(pause, () => lookOn(table, left));
    else end(table);
  };
  // Late: to open the C library is nothing that a start should wait for.
  again(interval, () => {
    const calls = socketCalls();
    if (calls === undefined) return;
    begin(new ConnectionTable(calls));
  });
  return () => clearTimeout(timer);
}

/** A server with the limits that were asked for. */
export function limited(
  server: Listener,
  { idleTimeout, maxConnections }: ListenOptions,
  socketCalls: () => SocketCalls | undefined,
): Listener {
  if (idleTimeout === undefined) return server;
  const most = maxConnections === undefined ? {} : { most: maxConnections };
  const limits = { unanswered: idleTimeout * 1000, ...most };
  const unlimit = limitConnections(server.port, socketCalls, limits);
  return {
    ...server,
    stop(): Promise<void> {
      unlimit();
      return server.stop();
    },
  };
}

/** As many as any process is likely to have, in order. */
const all = 65_536;

/** The descriptors of this process. */
function descriptors(): number[] {
  try {
    return readdirSync("/proc/self/fd").map(Number);
  } catch {
    // None is left to read the directory with, and they are taken from the lowest on.
    return Array.from({ length: all }, (_, descriptor) => descriptor);
  }
}

/**
 * Whether there can be a connection where none was: asked in place of a look, it takes a fraction of what
 * that takes, which is most of what a service that idles does.
 */
class Unchanged {
  /** How many descriptors there were at the last look, where none was a connection. */
  #none: number | undefined;
  #count: number | undefined;
  #leftOut = 0;

  /** Are there still as many descriptors as at a look at which none was a connection? */
  lasts(): boolean {
    this.#count = descriptorCount();
    this.#leftOut++;
    return this.#count !== undefined && this.#count === this.#none && this.#leftOut < mostLeftOut;
  }

  /** There was a look, at which so many were connections. */
  since(connections: number): void {
    this.#none = connections === 0 ? this.#count : undefined;
    this.#leftOut = 0;
  }
}

/** How many descriptors this process has, as the kernel tells it since Linux 6.2. */
function descriptorCount(): number | undefined {
  try {
    const { size } = statSync("/proc/self/fd");
    return size > 0 ? size : undefined;
  } catch {
    // Nothing is told: it is looked each time.
    return undefined;
  }
}

/** Looks at sockets, over and over in the same memory. */
class ConnectionTable {
  readonly #calls: SocketCalls;
  readonly #address = new Memory(28);
  readonly #info = new Memory(148);
  readonly #size = new Memory(4);
  #seen = 0;

  constructor(calls: SocketCalls) {
    this.#calls = calls;
  }

  /** Those of some descriptors that are connections on a port, and on which all that was sent has arrived. */
  on(port: number, descriptors: readonly number[]): Connection[] {
    return descriptors.flatMap((descriptor) => {
      if (this.#portOf("getsockname", descriptor) !== port) return [];
      const connection = this.#look(descriptor);
      return connection === undefined ? [] : [connection];
    });
  }

  /** How many connections on the port have been seen since this was asked last, in whatever state. */
  takeSeen(): number {
    const seen = this.#seen;
    this.#seen = 0;
    return seen;
  }

  /** Has the server see the end of a connection, which it then closes itself. */
  close({ descriptor }: Connection): void {
    this.#calls.shutdown(descriptor, SHUT_RDWR);
  }

  /** `struct sockaddr_in` and `sockaddr_in6` have the port in the same place. */
  #portOf(name: "getsockname" | "getpeername", descriptor: number): number | undefined {
    const { bytes, view } = this.#address;
    this.#size.view.setUint32(0, bytes.length, true);
    return this.#calls[name](descriptor, bytes, this.#size.bytes) === 0
      ? view.getUint16(2)
      : undefined;
  }

  /** `struct tcp_info`: linux/tcp.h. What a kernel does not tell is 0, and none is idle then. */
  #look(descriptor: number): Connection | undefined {
    const { bytes, view } = this.#info;
    bytes.fill(0);
    this.#size.view.setUint32(0, bytes.length, true);
    const { getsockopt } = this.#calls;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, bytes, this.#size.bytes) !== 0) {
      return undefined;
    }
    const word = (offset: number): number => view.getUint32(offset, true);
    const [state, unacknowledged, unsent] = [view.getUint8(0), word(24), word(144)];
    if (state !== LISTEN) this.#seen++;
    if (state !== ESTABLISHED || unacknowledged > 0 || unsent > 0) return undefined;
    const peer = this.#portOf("getpeername", descriptor);
    if (peer === undefined) return undefined;
    return { descriptor, peer, unanswered: word(44), silent: word(52) };
  }
}

class Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }
}
