import type { App } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";
import { usual } from "../support/apps/requests.ts";
import { talk } from "../support/apps/websocket.ts";

const common = {
  name: "elysia",
  packages: { elysia: "1.4.30" },
  requests: [
    ...Object.values(usual),
    {
      method: "POST",
      path: "/echo",
      headers: { "Content-Type": "application/json" },
      body: "{}",
      status: 422,
    },
  ],
  slow: "/slow",
} satisfies Partial<App>;

testApp({
  ...common,
  variant: ".listen()",
  entry: "listen.ts",
  runtimes: { bun: true, deno: "there its listen() throws" },
  requests: [...common.requests, { ...usual["stream"]!, path: "/generator" }],
  socket: { path: "/ws" },
  talks: { "speaks WebSocket": (at) => talk(at, "/ws", ["one", "two", "leave"]) },
});

testApp({
  ...common,
  variant: "exported",
  entry: "exported.ts",
  // Neither runtime serves it as it is: on Bun because it has `stop`, on Deno because `fetch` is inherited.
  bare: { bun: ["own_bun.ts"], deno: ["run", "-A", "own_deno.ts"] },
  runtimes: { bun: true, deno: true },
});
