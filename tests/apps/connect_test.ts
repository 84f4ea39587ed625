import { testApp } from "../support/apps/conformance.ts";
import { usual } from "../support/apps/requests.ts";

testApp({
  name: "connect",
  packages: { connect: "3.7.0" },
  entry: "server.cjs",
  runtimes: { bun: true, deno: true },
  requests: Object.values(usual),
  slow: "/slow",
});
