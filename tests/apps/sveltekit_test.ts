import { testApp } from "../support/apps/conformance.ts";
import { production, site, slow } from "../support/apps/site.ts";

testApp({
  name: "sveltekit",
  packages: {
    "@sveltejs/adapter-node": "6.0.1",
    "@sveltejs/kit": "3.2.0",
    "@sveltejs/vite-plugin-svelte": "7.3.1",
    "svelte": "5.57.3",
    "vite": "8.4.0",
  },
  build: [["bun", "--bun", "node_modules/vite/bin/vite.js", "build"]],
  entry: "build/index.js",
  executable: { args: ["--asset", "build/client"] },
  runtimes: { bun: true, deno: true },
  requests: [
    ...Object.values(site),
    {
      method: "POST",
      path: "/",
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": "https://app.test",
      },
      body: "name=Grace",
      status: 200,
      has: "Grace",
    },
    // Above what adapter-node takes by default; it answers before all has come.
    { ...site.upload, path: "/api/upload", body: "0".repeat(600_000), status: 413, has: undefined },
  ],
  slow,
  farewell: "Goodbye after SIGTERM",
  ...production,
});
