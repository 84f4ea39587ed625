import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import cookie from "@fastify/cookie";
import Fastify from "fastify";
import { step } from "./steps.js";

const fastify = Fastify();
await fastify.register(cookie);

// Bodies of this type are not read before the handler runs.
fastify.addContentTypeParser("application/octet-stream", (_request, payload, done) => {
  done(null, payload);
});

fastify.get("/", async () => ({ hello: "fastify" }));

fastify.post("/echo", {
  schema: {
    body: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
  },
}, async (request, reply) => {
  reply.code(201);
  return { got: request.body };
});

fastify.get("/who", async (request) => ({ ip: request.ip, host: request.host }));

fastify.get("/cookies", async (_request, reply) => {
  return reply.setCookie("one", "1", { httpOnly: true }).setCookie("two", "2").redirect("/", 303);
});

fastify.post("/upload", async (request) => {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of request.body) {
    hash.update(chunk);
    length += chunk.length;
  }
  return `${length} ${hash.digest("hex")}`;
});

fastify.get("/large", async (_request, reply) => {
  const parts = Array.from({ length: 100 }, (_, index) => `${index % 10}`.repeat(20_000));
  return reply.type("text/plain").send(Readable.from(parts, { objectMode: false }));
});

fastify.get("/stream", async (_request, reply) => {
  async function* parts() {
    yield "data: one\n\n";
    await step("/stream#1");
    yield "data: two\n\n";
    await step("/stream#2");
    yield "data: three\n\n";
  }
  return reply.type("text/event-stream").send(Readable.from(parts()));
});

fastify.get("/web", async () => {
  return new Response("a web response", { status: 202, headers: { "x-kind": "web" } });
});

fastify.get("/slow", async () => {
  await step("/slow");
  return "slow";
});

fastify.get("/throw", async () => {
  throw new Error("thrown by a route");
});

await fastify.listen({ port: Number(process.env.PORT ?? 3000) });
