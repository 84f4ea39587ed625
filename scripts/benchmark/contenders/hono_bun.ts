import { given } from "./given.ts";
import { honoApp } from "./hono_app.ts";

const { fetch } = honoApp((app) => {
  app.get("/ready", (context) => context.text("ready"));
  app.get("/alive", (context) => context.text("alive"));
});
Bun.serve({ port: given.port, hostname: given.hostname, fetch });
