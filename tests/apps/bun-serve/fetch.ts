import { serve } from "bun";
import { answer } from "./answer.ts";

const server = serve({
  port: process.env.PORT ?? 3000,
  // Without it, what is thrown is answered with a page for developers.
  development: false,
  fetch(request, server) {
    return answer(request, server.requestIP(request)?.address);
  },
});

console.log(`serving ${server.url.protocol} ${typeof server.port} ${server.pendingRequests}`);
