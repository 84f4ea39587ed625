import { app } from "./app.ts";

Bun.serve({ port: process.env.PORT, fetch: app.fetch });
