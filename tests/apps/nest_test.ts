import type { App } from "../support/apps/app.ts";
import { testApp } from "../support/apps/conformance.ts";
import { production, site, slow } from "../support/apps/site.ts";

const nest: Omit<App, "variant" | "entry"> = {
  name: "nest",
  packages: {
    "@nestjs/cli": "12.0.8",
    "@nestjs/common": "12.5.1",
    "@nestjs/core": "12.5.1",
    "@nestjs/platform-express": "12.5.1",
    "@types/node": "24.19.4",
    "reflect-metadata": "0.2.2",
    "rxjs": "7.8.2",
    "typescript": "6.0.3",
  },
  build: [["bun", "--bun", "node_modules/@nestjs/cli/bin/nest.js", "build"]],
  runtimes: { bun: true, deno: true },
  requests: [
    ...Object.values(site).filter((ask) => ask !== site.stream),
    {
      path: "/api/stream",
      status: 200,
      parts: ["\nid: 1\ndata: one\n\n", "id: 2\ndata: two\n\n", "id: 3\ndata: three\n\n"],
    },
  ],
  slow,
  farewell: "Goodbye after SIGTERM",
  ...production,
};

testApp({
  ...nest,
  variant: "built",
  entry: "dist/main.js",
  executable: { args: ["--asset", "public"] },
});
testApp({ ...nest, variant: "its source", entry: "src/main.ts" });
