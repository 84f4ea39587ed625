import type { App } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";
import { production, site, slow } from "../support/apps/site.ts";

const nuxt: Omit<App, "variant" | "entry" | "runtimes"> = {
  name: "nuxt",
  packages: { nuxt: "4.5.2" },
  build: ["node-server", "bun"].map((preset) => [
    ...["env", `NITRO_PRESET=${preset}`],
    ...["bun", "--bun", "node_modules/nuxt/bin/nuxt.mjs", "build"],
  ]),
  heavy: "570 packages, and a minute to build it",
  requests: Object.values(site),
  slow,
  ...production,
};

testApp({
  ...nuxt,
  variant: "of node:http",
  entry: "built/node-server/server/index.mjs",
  farewell: "Goodbye",
  runtimes: { bun: true, deno: true },
});
testApp({
  ...nuxt,
  variant: "of Bun",
  entry: "built/bun/server/index.mjs",
  runtimes: { bun: true, deno: "its build for Deno looks for a package that it does not bring" },
});
