/** How Nest's documentation starts an application: with shutdown hooks, and awaited at the top. */
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { join } from "node:path";
import { AppModule } from "./app.module.ts";

const app = await NestFactory.create<NestExpressApplication>(AppModule);
// Without names these are all signals that Node knows, and Deno refuses SIGILL.
app.enableShutdownHooks("Deno" in globalThis ? ["SIGTERM", "SIGINT"] : undefined);
app.useStaticAssets(join(import.meta.dirname, "..", "public"));
await app.listen(process.env.PORT ?? 3000);
