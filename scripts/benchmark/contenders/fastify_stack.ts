import { Readable } from "node:stream";
import process from "node:process";
import underPressure from "@fastify/under-pressure";
import fastify from "fastify";
import { given } from "./given.ts";
import { heavy } from "./heavy.ts";
import { block, blockingTime, burn, greeting, lookUp, pieces, record } from "./work.ts";

const app = fastify({ logger: given.accessLog });
// No limit on the event loop's use: it would answer 503 to a benchmark.
// Overload has one on its delay.
const maxEventLoopDelay = Number(process.env["BENCH_MAX_DELAY"] ?? 10_000);
await app.register(underPressure, { maxEventLoopDelay, exposeStatusRoute: true });

switch (given.scenario) {
  case "json":
    app.get("/", (_request, reply) => reply.send(record));
    break;
  case "post":
    app.post("/", (request, reply) => reply.send(String(request.body.length)));
    break;
  case "await":
    app.get("/", async (_request, reply) => reply.send(await lookUp()));
    break;
  case "hono":
    app.get("/", (_request, reply) => reply.send(greeting))
      .get("/users", (_request, reply) => reply.send([]))
      .get("/users/:id", (request, reply) => reply.send(`user ${request.params["id"]}`))
      .post("/users", (_request, reply) => reply.send({ created: true }))
      .delete("/users/:id", (_request, reply) => reply.code(204).send());
    break;
  case "stream":
    app.get("/", (_request, reply) => reply.type("text/plain").send(Readable.from(pieces())));
    break;
  case "burn":
    app.get("/", (_request, reply) => reply.send(burn()));
    break;
  case "heavy": {
    const work = heavy[process.env["BENCH_HEAVY"] ?? ""];
    app.get("/", async (_request, reply) => reply.send(await work?.()));
    break;
  }
  case "block":
    app.get("/*", (request, reply) => {
      block(blockingTime(request.url));
      return reply.send(greeting);
    });
    break;
  default:
    app.get("/", (_request, reply) => reply.send(greeting));
}
await app.listen({ port: given.port, host: given.hostname });
