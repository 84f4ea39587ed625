import { testApp } from "../support/apps/conformance.ts";
import { usual } from "../support/apps/requests.ts";
import { certificate } from "../support/certificate.ts";

const { cert, key } = certificate();

testApp({
  name: "node-https",
  packages: {},
  entry: "server.js",
  runtimes: { bun: true, deno: true },
  env: { TLS_CERT: cert, TLS_KEY: key },
  ca: cert,
  requests: Object.values(usual),
  slow: "/slow",
});
