import type { App } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";
import { production, site, slow } from "../support/apps/site.ts";

const reactRouter: Omit<App, "variant" | "entry"> = {
  name: "react-router",
  packages: {
    "@react-router/dev": "8.4.0",
    "@react-router/express": "8.4.0",
    "@react-router/node": "8.4.0",
    "@react-router/serve": "8.4.0",
    "express": "5.3.0",
    "isbot": "5.2.3",
    "react": "19.3.1",
    "react-dom": "19.3.1",
    "react-router": "8.4.0",
    "vite": "8.4.0",
  },
  build: [["bun", "--bun", "node_modules/@react-router/dev/bin.cjs", "build"]],
  runtimes: { bun: true, deno: true },
  requests: Object.values(site),
  slow,
  ...production,
};

const executable = { args: ["--extract"] };
testApp({ ...reactRouter, variant: "react-router-serve", entry: "serve.js", executable });
testApp({ ...reactRouter, variant: "a server of its own", entry: "server.js", executable });
