import { testApp } from "../support/apps/conformance.ts";
import { talk } from "../support/apps/websocket.ts";

const messages = ["one", new Uint8Array([1, 2, 255]), "x".repeat(100_000), "ping", "leave"];

testApp({
  name: "ws",
  packages: { ws: "8.23.0" },
  entry: "server.js",
  runtimes: { bun: true, deno: true },
  requests: [
    { path: "/", status: 200, has: "plain /" },
    { method: "POST", path: "/", body: ["a", "b"], status: 200 },
    { path: "/nowhere", status: 404 },
    {
      path: "/elsewhere",
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
      },
      status: 400,
    },
  ],
  slow: "/slow",
  socket: { path: "/ws" },
  talks: {
    "speaks WebSocket": (at) => talk(at, "/ws?a=1", messages),
    "agrees on a subprotocol": (at) =>
      talk(at, "/ws", ["one", "leave"], { protocols: ["first", "second"] }),
  },
});
