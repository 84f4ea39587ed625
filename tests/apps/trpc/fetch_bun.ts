import { handle } from "./handle.ts";

Bun.serve({ port: process.env.PORT ?? 3000, fetch: handle });
