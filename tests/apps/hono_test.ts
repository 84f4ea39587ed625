import { testApp } from "../support/apps/conformance.ts";
import { usual } from "../support/apps/requests.ts";

testApp({
  name: "hono",
  packages: { "@hono/node-server": "2.1.9", hono: "4.13.19" },
  entry: "server.ts",
  runtimes: { bun: true, deno: true },
  requests: [
    ...Object.values(usual),
    { path: "/teapot", status: 418, has: "short and stout" },
  ],
  slow: "/slow",
});
