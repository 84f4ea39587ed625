import type { Target } from "../support/apps/app.ts";
import { shortened } from "../support/apps/compare.ts";
import { testApp } from "../support/apps/conformance.ts";
import { folderOf } from "../support/apps/install.ts";

/** The part of socket.io's client that is used; it is installed with the application. */
interface Socket {
  io: { engine: { transport: { name: string }; once(event: string, then: () => void): void } };
  timeout(milliseconds: number): { emitWithAck(event: string, value: unknown): Promise<unknown> };
  emit(event: string, value?: unknown): void;
  once(event: string, then: (value: unknown) => void): void;
  disconnect(): void;
}

/** Connects over these transports. */
async function connected({ url }: Target, transports: string[]): Promise<Socket> {
  const client = `${folderOf("socketio")}/node_modules/socket.io-client/build/esm-debug/index.js`;
  const { io } = await import(client);
  const socket: Socket = io(url, { transports, reconnection: false, forceNew: true });
  await once(socket, "connect");
  return socket;
}

function once(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.once("connect_error", reject);
  });
}

/** Talks over these transports; `upgraded` waits until the second has taken over from the first. */
async function talk(at: Target, transports: string[], upgraded = false): Promise<unknown[]> {
  const socket = await connected(at, transports);
  try {
    const { engine } = socket.io;
    if (upgraded && engine.transport.name !== "websocket") {
      await new Promise<void>((resolve) => engine.once("upgrade", resolve));
    }
    const echoed = [];
    for (const value of ["ü", { a: [1, null] }, new Uint8Array([1, 2, 255]), "x".repeat(100_000)]) {
      echoed.push(await socket.timeout(30_000).emitWithAck("echo", value));
    }
    const told = once(socket, "told");
    socket.emit("all", 42);
    const left = once(socket, "disconnect");
    const heard = await told;
    socket.emit("leave");
    return [shortened(JSON.stringify(echoed)), heard, await left];
  } finally {
    socket.disconnect();
  }
}

async function opened(at: Target, transport: string): Promise<{ ended: Promise<unknown> }> {
  return { ended: once(await connected(at, [transport]), "disconnect") };
}

testApp({
  name: "socketio",
  packages: { "socket.io": "4.8.4", "socket.io-client": "4.8.4" },
  entry: "server.js",
  runtimes: { bun: true, deno: true },
  requests: [
    { path: "/", status: 200, has: "plain /" },
    { path: "/nowhere", status: 404 },
    { path: "/socket.io/?EIO=4&transport=polling", status: 200, has: '"upgrades":["websocket"]' },
    { path: "/socket.io/?EIO=3&transport=polling", status: 400 },
    {
      path: "/socket.io/?EIO=4&transport=polling&sid=unknown",
      status: 400,
      has: "Session ID unknown",
    },
    {
      method: "OPTIONS",
      path: "/socket.io/?EIO=4&transport=polling",
      headers: { Origin: "http://a.test", "Access-Control-Request-Method": "POST" },
      status: 204,
    },
    { path: "/socket.io/socket.io.js", status: 200 },
  ],
  slow: "/slow",
  varies: [/(?<="sid":")[\w-]+/g],
  talks: {
    "talks by polling": (at) => talk(at, ["polling"]),
    "talks over WebSocket": (at) => talk(at, ["websocket"]),
    "talks by polling, then over WebSocket": (at) => talk(at, ["polling", "websocket"], true),
  },
  lasting: {
    "a client that polls": (at) => opened(at, "polling"),
    "a client's WebSocket": (at) => opened(at, "websocket"),
  },
});
