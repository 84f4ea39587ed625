import { answer } from "./answer.ts";

Bun.serve({
  port: process.env.PORT ?? 3443,
  development: false,
  tls: { cert: process.env.TLS_CERT, key: process.env.TLS_KEY },
  fetch: (request, server) => answer(request, server.requestIP(request)?.address),
});
