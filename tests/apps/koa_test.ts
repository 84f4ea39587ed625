import { testApp } from "../support/apps/conformance.ts";
import { usual } from "../support/apps/requests.ts";

testApp({
  name: "koa",
  packages: { "@koa/router": "15.7.0", koa: "3.3.0" },
  entry: "server.js",
  runtimes: { bun: true, deno: true },
  requests: [
    ...Object.values(usual),
    { path: "/teapot", status: 418, has: "short and stout" },
    { method: "DELETE", path: "/echo", status: 405 },
  ],
  slow: "/slow",
});
