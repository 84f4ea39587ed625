import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { appRouter } from "./router.ts";

export function handle(req: Request): Promise<Response> {
  return fetchRequestHandler({ endpoint: "", req, router: appRouter });
}
