import { runtime } from "../support/instance.ts";
import type { App } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";
import { production, site, slow } from "../support/apps/site.ts";

// It looks at the bodies of its answers, and Hurricane at their headers, for the size: what has seen both
// is sent in chunks by Deno 2.9, which does not change the letters of its fields then, either.
const sized = runtime === "deno"
  ? [/^content-length: \d+$/gi, /^transfer-encoding: chunked$/gi]
  : [];

const vite = ["bun", "--bun", "node_modules/vite/bin/vite.js", "build"];

const tanStackStart: Omit<App, "variant" | "entry"> = {
  name: "tanstack-start",
  packages: {
    "@tanstack/react-router": "1.170.46",
    "@tanstack/react-start": "1.169.5",
    "@vitejs/plugin-react": "6.3.0",
    "nitro": "3.0.260903-beta",
    "react": "19.3.1",
    "react-dom": "19.3.1",
    "vite": "8.4.0",
  },
  build: [
    vite,
    ...["node-server", "bun", "deno-server"]
      .map((preset) => ["env", `NITRO_PRESET=${preset}`, ...vite]),
  ],
  runtimes: { bun: true, deno: true },
  requests: Object.values(site),
  slow,
  // When a page was rendered.
  varies: [/\bu:\d{13}\b/g, ...sized],
  ...(runtime === "deno"
    ? { anyCase: "Deno writes them as they were given in what is sent in chunks" }
    : {}),
  ...production,
};

testApp({
  ...tanStackStart,
  variant: "of node:http",
  entry: "built/node-server/server/index.mjs",
  executable: { args: ["--asset", "built/node-server/public"] },
});
testApp({
  ...tanStackStart,
  variant: "of the runtime",
  executable: { args: ["--asset", "built/bun/public"] },
  entry: { bun: "built/bun/server/index.mjs", deno: "built/deno-server/server/index.mjs" },
});
testApp({
  ...tanStackStart,
  variant: "without a server",
  entry: "dist/server/server.js",
  bare: { deno: ["serve", "-A", "--host=localhost", "--port={port}", "{entry}"] },
  // Somebody else serves its files.
  requests: Object.values({ ...site, file: { path: "/asset.txt", status: 404 } }),
});
