import { answer } from "./answer.ts";

const server = Bun.serve({
  port: process.env.PORT ?? 3000,
  development: false,
  fetch: () => new Response("the first handler", { status: 503 }),
});

server.reload({
  fetch: (request, server) => answer(request, server.requestIP(request)?.address),
  error: (error) => new Response(`reloaded: ${error.message}`, { status: 500 }),
});
