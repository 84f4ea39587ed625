import type { App } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";
import { usual } from "../support/apps/requests.ts";
import { certificate } from "../support/certificate.ts";
import { talk } from "../support/apps/websocket.ts";

const common = {
  name: "deno-serve",
  host: "0.0.0.0",
  packages: {},
  entry: "server.ts",
  runtimes: { bun: "Deno.serve is Deno's", deno: true },
  requests: [...Object.values(usual), { path: "/empty", status: 204 }],
  slow: "/slow",
  anyCase: "Deno writes them as it likes where a status is not 200",
  socket: { path: "/ws", protocol: "second" },
  talks: {
    "speaks WebSocket": (at) =>
      talk(at, "/ws", ["one", new Uint8Array([1, 2, 255]), "x".repeat(100_000), "leave"], {
        protocols: ["first", "second"],
      }),
  },
} satisfies Partial<App>;

const { cert, key } = certificate();

const unhandled = {
  requests: [
    ...common.requests.filter(({ path }) => path !== "/throw"),
    { path: "/throw", status: 500, unlike: "Hurricane has words of its own for what is thrown" },
  ],
};

testApp({
  ...common,
  ...unhandled,
  variant: "a handler",
  bareEnv: { DENO_SERVE_ADDRESS: "tcp:0.0.0.0:{port}" },
});

testApp({ ...common, variant: "options and a handler", env: { FORM: "options and a handler" } });

testApp({
  ...common,
  ...unhandled,
  variant: "options with a handler",
  env: { FORM: "options with a handler" },
});

testApp({
  ...common,
  ...unhandled,
  variant: "TLS",
  env: { FORM: "TLS", TLS_CERT: cert, TLS_KEY: key },
  ca: cert,
  socket: undefined,
  talks: {},
});
