import { type App } from "../support/apps/app.ts";
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
  runtimes: { bun: true, deno: "its own adapter for servers is Bun's" },
  talks: { "speaks WebSocket": (at) => talk(at, "/ws", ["one", "two", "leave"]) },
});

testApp({
  ...common,
  variant: "exported",
  entry: "exported.ts",
  bare: { deno: ["serve", "-A", "--port={port}", "{entry}"] },
  runtimes: { bun: true, deno: true },
});
