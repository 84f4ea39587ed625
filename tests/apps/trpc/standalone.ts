import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { appRouter } from "./router.ts";

createHTTPServer({ router: appRouter }).listen(Number(process.env.PORT ?? 3000));
