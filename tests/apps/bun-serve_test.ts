import type { App } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";
import { usual } from "../support/apps/requests.ts";
import { certificate } from "../support/certificate.ts";
import { talk } from "../support/apps/websocket.ts";

const common = {
  name: "bun-serve",
  packages: {},
  runtimes: { bun: true, deno: "Bun.serve is Bun's" },
  requests: [...Object.values(usual), { path: "/empty", status: 204 }],
  slow: "/slow",
} satisfies Partial<App>;

const counted = "to count it, Hurricane answers it, and so it has no ETag and no Last-Modified";

const { cert, key } = certificate();

const unhandled = {
  requests: [
    ...common.requests.filter(({ path }) => path !== "/throw"),
    { path: "/throw", status: 500, unlike: "Hurricane has words of its own for what is thrown" },
  ],
};

testApp({ ...common, ...unhandled, variant: "fetch", entry: "fetch.ts" });

testApp({ ...common, variant: "reload", entry: "reload.ts" });

testApp({
  ...common,
  ...unhandled,
  variant: "tls",
  entry: "tls.ts",
  env: { TLS_CERT: cert, TLS_KEY: key },
  ca: cert,
});

testApp({
  ...common,
  variant: "routes",
  entry: "routes.ts",
  requests: [
    ...common.requests,
    { path: "/static", status: 200, has: "made once", unlike: counted },
    { method: "HEAD", path: "/static", status: 200, unlike: counted },
    { path: "/file", status: 200, has: "a note", unlike: counted },
    { path: "/users/%C3%BC", headers: { Cookie: "theme=dark" }, status: 200, has: "dark" },
    { path: "/bake", status: 200 },
    { path: "/methods", status: 200, has: "got" },
    { method: "POST", path: "/methods", body: ["a", "b"], status: 200, has: "ab" },
    { method: "DELETE", path: "/methods", status: 404 },
    { path: "/published", status: 200, has: '"reached":0' },
    { path: "/any/thing", status: 200, has: "/any/thing" },
    { path: "/off", status: 404 },
    { path: "/ws", status: 426 },
  ],
  socket: { path: "/ws" },
  talks: {
    "speaks WebSocket": (at) =>
      talk(at, "/ws", ["one", new Uint8Array([1, 2, 255]), "x".repeat(100_000), "news", "leave"]),
  },
});
