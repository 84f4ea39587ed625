import { type App } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";
import { usual } from "../support/apps/requests.ts";
import { certificate } from "../support/certificate.ts";
import { talk } from "../support/apps/websocket.ts";

const common = {
  name: "deno-serve",
  packages: {},
  entry: "server.ts",
  runtimes: { bun: "Deno.serve is Deno's", deno: true },
  requests: [...Object.values(usual), { path: "/empty", status: 204 }],
  slow: "/slow",
  talks: {
    "speaks WebSocket": (at) =>
      talk(at, "/ws", ["one", new Uint8Array([1, 2, 255]), "x".repeat(100_000), "leave"], {
        protocols: ["first", "second"],
      }),
  },
} satisfies Partial<App>;

const { cert, key } = certificate();

testApp({
  ...common,
  variant: "a handler",
  bareEnv: { DENO_SERVE_ADDRESS: "tcp:0.0.0.0:{port}" },
});

for (const form of ["options and a handler", "options with a handler"]) {
  testApp({ ...common, variant: form, env: { FORM: form } });
}

testApp({
  ...common,
  variant: "TLS",
  env: { FORM: "TLS", TLS_CERT: cert, TLS_KEY: key },
  ca: cert,
  talks: {},
});
