import { handle } from "./handle.ts";

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 3000) }, handle);
