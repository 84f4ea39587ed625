import type { App } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";
import { talk } from "../support/apps/websocket.ts";
import { production, site, slow } from "../support/apps/site.ts";

const nitro: Omit<App, "variant" | "entry"> = {
  name: "nitro",
  packages: { nitro: "3.0.260903-beta" },
  build: ["node-server", "bun", "deno-server"]
    .map((
      preset,
    ) => [
      ...["env", `NITRO_PRESET=${preset}`],
      ...["bun", "--bun", "node_modules/nitro/dist/cli/index.mjs", "build"],
    ]),
  runtimes: { bun: true, deno: true },
  requests: Object.values(site),
  slow,
  farewell: "Goodbye",
  ...production,
};

testApp({
  ...nitro,
  variant: "of node:http",
  entry: "built/node-server/server/index.mjs",
  executable: { args: ["--asset", "built/node-server/public"] },
});
testApp({
  ...nitro,
  variant: "of the runtime",
  talks: {
    "talks over a WebSocket": async (at) => await talk(at, "/socket", ["one", "two", "bye"]),
  },
  executable: { args: ["--asset", "built/bun/public"] },
  entry: { bun: "built/bun/server/index.mjs", deno: "built/deno-server/server/index.mjs" },
});
