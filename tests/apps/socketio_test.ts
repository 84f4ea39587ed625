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

/** Talks over these transports; `upgraded` waits until the second has taken over from the first. */
async function talk(
  { url }: Target,
  { transports, upgraded = false }: { transports: string[]; upgraded?: boolean },
): Promise<unknown[]> {
  const { io } = await import(
    `${folderOf("socketio")}/node_modules/socket.io-client/build/esm-debug/index.js`
  );
  const socket: Socket = io(url, { transports, reconnection: false, forceNew: true });
  const once = (event: string) =>
    new Promise<unknown>((resolve, reject) => {
      socket.once(event, resolve);
      if (event !== "connect_error") socket.once("connect_error", reject);
    });
  try {
    await once("connect");
    if (upgraded) {
      const { engine } = socket.io;
      if (engine.transport.name !== "websocket") {
        await new Promise<void>((resolve) => engine.once("upgrade", resolve));
      }
    }
    const echoed = [];
    for (const value of ["ü", { a: [1, null] }, new Uint8Array([1, 2, 255]), "x".repeat(100_000)]) {
      echoed.push(await socket.timeout(30_000).emitWithAck("echo", value));
    }
    const told = once("told");
    socket.emit("all", 42);
    const left = once("disconnect");
    const heard = await told;
    socket.emit("leave");
    return [shortened(JSON.stringify(echoed)), heard, await left];
  } finally {
    socket.disconnect();
  }
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
    "talks by polling": (at) => talk(at, { transports: ["polling"] }),
    "talks over WebSocket": (at) => talk(at, { transports: ["websocket"] }),
    "talks by polling, then over WebSocket": (at) =>
      talk(at, { transports: ["polling", "websocket"], upgraded: true }),
  },
});
