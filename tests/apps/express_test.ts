import { testApp } from "../support/apps/conformance.ts";
import { usual } from "../support/apps/requests.ts";

testApp({
  name: "express",
  packages: { express: "5.3.0" },
  entry: "server.js",
  executable: { args: [] },
  runtimes: { bun: true, deno: true },
  requests: [...Object.values(usual), { path: "/reject", status: 418, has: "rejected" }],
  slow: "/slow",
});
