import { testApp } from "../support/apps/conformance.ts";
import { production, site, slow } from "../support/apps/site.ts";

testApp({
  name: "astro",
  packages: { "@astrojs/node": "11.1.6", "astro": "7.3.5" },
  build: [["bun", "--bun", "node_modules/astro/bin/astro.mjs", "build"]],
  entry: "dist/server/entry.mjs",
  executable: { args: ["--asset", "dist/client"] },
  runtimes: { bun: true, deno: true },
  requests: Object.values(site),
  slow,
  ...production,
});
