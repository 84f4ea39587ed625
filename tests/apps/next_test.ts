import { testApp } from "../support/apps/conformance.ts";
import { production, site, slow } from "../support/apps/site.ts";

testApp({
  name: "next",
  packages: { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" },
  build: [
    ["bun", "--bun", "node_modules/next/dist/bin/next", "build"],
    // As Next's documentation has it: a standalone server comes without them.
    ["cp", "-r", "public", ".next/standalone/"],
    ["cp", "-r", ".next/static", ".next/standalone/.next/"],
  ],
  entry: ".next/standalone/server.js",
  executable: { folder: ".next/standalone", args: ["--extract"] },
  runtimes: { bun: true, deno: true },
  requests: Object.values(site),
  slow,
  ...production,
});
