import { closeSync, openSync, statSync } from "node:fs";
import process from "node:process";
import { describe, test } from "node:test";
import { assertLess } from "@std/assert";
import { limitConnections, type SocketCalls } from "../../src/runtime/connections.ts";
import { eventually } from "../support/wait.ts";

const port = 4711;

/** Has real descriptors look like connections on which nothing has come for a long time. */
class Sockets implements Disposable {
  readonly #opened: number[] = [];
  readonly #connections = new Set<number>();
  readonly #unlimit: () => void;
  readonly #own: number;
  readonly closed = new Set<number>();
  /** How often each descriptor was looked at. */
  looks = 0;

  constructor() {
    this.#own = this.open();
    const calls: SocketCalls = {
      getsockname: (descriptor, address) => {
        if (descriptor === this.#own) this.looks++;
        if (!this.#connections.has(descriptor)) return -1;
        new DataView(address.buffer).setUint16(2, port);
        return 0;
      },
      getpeername: () => 0,
      getsockopt: (_descriptor, _level, _option, info) => {
        const view = new DataView(info.buffer);
        view.setUint8(0, 1);
        for (const offset of [44, 52]) view.setUint32(offset, 60_000, true);
        return 0;
      },
      shutdown: (descriptor) => {
        this.closed.add(descriptor);
        return 0;
      },
    };
    this.#unlimit = limitConnections(port, () => calls, { unanswered: 1000, most: 100 });
  }

  /** Opens a descriptor that is no connection. */
  open(): number {
    const descriptor = openSync("/dev/null", "r");
    this.#opened.push(descriptor);
    return descriptor;
  }

  connect(descriptor: number): void {
    this.#connections.add(descriptor);
  }

  [Symbol.dispose](): void {
    this.#unlimit();
    for (const descriptor of this.#opened) closeSync(descriptor);
  }
}

describe("limitConnections", { skip: process.platform !== "linux" }, () => {
  test("closes a connection that comes where there was none, soon", async () => {
    using sockets = new Sockets();
    using busy = new Sockets();
    busy.connect(busy.open());
    await eventually("two looks", () => busy.looks > 1);
    const descriptor = sockets.open();
    sockets.connect(descriptor);
    const before = busy.looks;
    await eventually("its end", () => sockets.closed.has(descriptor));
    assertLess(busy.looks - before, 5);
  });

  test("closes one that has the place of another descriptor", async () => {
    using sockets = new Sockets();
    const descriptor = sockets.open();
    await eventually("a look", () => sockets.looks > 0);
    sockets.connect(descriptor);
    await eventually("its end", () => sockets.closed.has(descriptor));
  });

  const untold = statSync("/proc/self/fd", { throwIfNoEntry: false })?.size === 0;
  test("looks less often while there is none and nothing is new", { skip: untold }, async () => {
    using idle = new Sockets();
    using busy = new Sockets();
    busy.connect(busy.open());
    await eventually("some looks", () => busy.looks >= 8);
    assertLess(idle.looks, busy.looks / 2);
  });
});
